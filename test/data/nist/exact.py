#!/usr/bin/env python3
"""Checks the certified values here against exact rational arithmetic, and writes what no program that is handed
float8 columns can do better than: the exact answers for the data rounded to float8 (float8_regression.csv,
float8_univariate.csv). Standard library only:  python3 test/data/nist/exact.py"""
import csv
import os
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
here = os.path.dirname(os.path.abspath(__file__))
degree = {"Norris": 1, "Pontius": 2, "Filip": 10} | {f"Wampler{k}": 5 for k in range(1, 6)}


def read(name):
    with open(os.path.join(here, name), newline="") as file:
        return list(csv.DictReader(file))


def root(x):
    return (Decimal(x.numerator) / Decimal(x.denominator)).sqrt()


def number(x):
    return x if isinstance(x, Decimal) else Decimal(x.numerator) / Decimal(x.denominator)


def design(dataset, rounded):
    """y, the columns and their names; powers are exact, and then rounded to float8 when asked for."""
    keep = (lambda x: Fraction(float(x))) if rounded else (lambda x: x)
    y, rows = [], []
    for row in regression:
        if row["dataset"] != dataset:
            continue
        x = [Fraction(row[f"x{k}"]) for k in range(1, 7) if row[f"x{k}"]]
        if dataset in degree:
            x = [x[0] ** k for k in range(1, degree[dataset] + 1)]
        y.append(keep(Fraction(row["y"])))
        rows.append([keep(value) for value in x])
    names = [f"x{k}" for k in range(1, len(rows[0]) + 1)]
    if not dataset.startswith("NoInt"):
        rows = [[Fraction(1)] + row for row in rows]
        names.insert(0, "(intercept)")
    return y, rows, names


def least_squares(y, rows, intercept):
    """Estimates, standard errors, sigma, R2 and F from the normal equations in rational numbers (Gauss-Jordan)."""
    p, n = len(rows[0]), len(rows)
    a = [[sum(row[i] * row[j] for row in rows) for j in range(p)] + [Fraction(i == k) for k in range(p)]
         + [sum(row[i] * t for row, t in zip(rows, y))] for i in range(p)]
    for i in range(p):
        a[i] = [value / a[i][i] for value in a[i]]
        for k in range(p):
            if k != i:
                factor = a[k][i]
                a[k] = [u - factor * v for u, v in zip(a[k], a[i])]
    estimates = [a[i][-1] for i in range(p)]
    rss = sum((t - sum(b * x for b, x in zip(estimates, row))) ** 2 for row, t in zip(rows, y))
    mean = sum(y) / n if intercept else 0
    total = sum((t - mean) ** 2 for t in y)
    variance = rss / (n - p)
    model = p - (1 if intercept else 0)
    f = (total - rss) / model / variance if rss else None
    return estimates, [root(variance * a[i][p + i]) for i in range(p)], root(variance), 1 - rss / total, f


def univariate_values(dataset):
    if dataset == "PiDigits":
        with open(os.path.join(here, "pi_digits.txt")) as file:
            return [Fraction(int(digit)) for line in file for digit in line.strip()]
    if dataset in ("NumAcc2", "NumAcc3", "NumAcc4"):
        base = Fraction({"NumAcc2": 1, "NumAcc3": 10**6, "NumAcc4": 10**7}[dataset])
        return [base + Fraction(k, 10) for k in [2] + [1, 3] * 500]
    return [Fraction(row["y"]) for row in univariate if row["dataset"] == dataset]


def summary(y):
    n = len(y)
    mean = sum(y) / n
    squares = sum((t - mean) ** 2 for t in y)
    lagged = sum((s - mean) * (t - mean) for s, t in zip(y, y[1:]))
    return mean, root(squares / (n - 1)), lagged / squares


def digits(value, certified):
    """Log relative error, at most 15: that many digits are certified."""
    value, certified = number(value), Decimal(certified)
    if certified == 0:
        return 15.0 if value == 0 else min(15.0, float(-value.copy_abs().log10()))
    error = abs(value - certified) / abs(certified)
    return 15.0 if error == 0 else min(15.0, float(-error.log10()))


def agrees(what, value, certified):
    """The exact value must be the certified one, but for its last digit, or the 15th where more are printed."""
    certified = Decimal(certified)
    unit = Decimal(1).scaleb(max(certified.as_tuple().exponent, certified.adjusted() - 14))
    if abs(number(value) - certified) > unit:
        print(f"{what}: certified {certified}, exact {number(value):.18}")
    return abs(number(value) - certified) <= unit


regression, univariate = read("regression.csv"), read("univariate.csv")
terms = read("certified_coefficients.csv")
good = True

with open(os.path.join(here, "float8_coefficients.csv"), "w") as coefficients, \
        open(os.path.join(here, "float8_regression.csv"), "w") as statistics:
    coefficients.write("dataset,term,estimate,std_error\n")
    statistics.write("dataset,sigma,r_squared,f\n")
    for certified in read("certified_regression.csv"):
        dataset = certified["dataset"]
        for rounded in (False, True):
            y, rows, names = design(dataset, rounded)
            estimates, errors, sigma, r_squared, f = least_squares(y, rows, names[0] == "(intercept)")
            wanted = [row for row in terms if row["dataset"] == dataset]
            assert [row["term"] for row in wanted] == names and int(certified["n"]) == len(y)
            pairs = [(sigma, certified["sigma"]), (r_squared, certified["r_squared"]), (f, certified["f"])]
            if not rounded:
                for row, estimate, error in zip(wanted, estimates, errors):
                    good &= agrees(f"{dataset} {row['term']}", estimate, row["estimate"])
                    good &= agrees(f"{dataset} error of {row['term']}", error, row["std_error"])
                good &= all(agrees(dataset, value, text) for value, text in pairs if text)
                continue
            least = [min(digits(v, row[key]) for v, row in zip(values, wanted))
                     for values, key in ((estimates, "estimate"), (errors, "std_error"))]
            least += [digits(value, text) for value, text in pairs if text]
            print(f"{dataset}: digits that float8 columns leave: " + " ".join(f"{d:.1f}" for d in least))
            for name, estimate, error in zip(names, estimates, errors):
                coefficients.write(f"{dataset},{name},{float(estimate)!r},{float(error)!r}\n")
            statistics.write(f"{dataset},{float(sigma)!r},{float(r_squared)!r},{'' if f is None else repr(float(f))}\n")

with open(os.path.join(here, "float8_univariate.csv"), "w") as file:
    file.write("dataset,mean,sd,autocorrelation\n")
    for certified in read("certified_univariate.csv"):
        dataset = certified["dataset"]
        texts = [certified[key] for key in ("mean", "sd", "autocorrelation")]
        y = univariate_values(dataset)
        assert len(y) == int(certified["n"])
        good &= all([agrees(dataset, value, text) for value, text in zip(summary(y), texts)])
        values = summary([Fraction(float(t)) for t in y])
        print(f"{dataset}: digits that a float8 column leaves: "
              + " ".join(f"{digits(v, t):.1f}" for v, t in zip(values, texts)))
        file.write(",".join([dataset] + [repr(float(v)) for v in values]) + "\n")

raise SystemExit(0 if good else "some certified values are not those of the data (above)")
