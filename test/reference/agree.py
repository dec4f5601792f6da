"""Says whether statsmodels and scikit-learn, which know nothing of R, agree with coefficients.csv and models.csv:
python3 agree.py FOLDER"""
import csv
import sys
import warnings

import numpy
import pandas
import statsmodels.api
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
folder = sys.argv[1]
coefficients = pandas.read_csv(f"{folder}/coefficients.csv", keep_default_na=False)
bad = 0


def check(what, found, wanted, relative):
    global bad
    worst = float(numpy.max(numpy.abs(numpy.asarray(found) / numpy.asarray(wanted) - 1)))
    print(f"{what}: agreement to {worst:.1e}")
    if not worst <= relative:
        print(f"{what}: more than {relative:g}")
        bad += 1


for model in csv.DictReader(open(f"{folder}/models.csv")):
    dataset, target = model["dataset"], model["target"]
    rows = pandas.read_csv(f"{folder}/{dataset}.csv", keep_default_na=False)
    rows = rows.apply(lambda column: column == "t" if set(column) <= {"t", "f"} else column)
    y = rows.pop(target)
    y = (y == max(y)).astype(float) if model["kind"] == "logistic_regression" else y.astype(float)
    x = pandas.get_dummies(rows, prefix_sep="=").rename(columns={c: f"{c}=true" for c in rows if rows[c].dtype == bool})
    # The first level of each label is the reference.
    x = x.drop(columns=[f"{name}={min(rows[name])}" for name in rows.columns if rows[name].dtype == object]).astype(float)
    wanted = coefficients[coefficients.dataset == dataset].set_index("term")
    x.insert(0, "(intercept)", 1.0)
    assert set(x.columns) == set(wanted.index), dataset
    wanted = wanted.loc[x.columns]
    # Columns of unit deviation, for the conditioning; undone below.
    scale = x.std(ddof=0)
    scale["(intercept)"] = 1
    z = x / scale
    if model["kind"] == "linear_regression":
        fit = statsmodels.api.OLS(y, z).fit(method="qr")
    elif model["kind"] == "logistic_regression":
        fit = statsmodels.api.Logit(y, z).fit(method="newton", maxiter=200, tol=1e-12, disp=0)
    else:
        fit = statsmodels.api.GLM(y, z, family=statsmodels.api.families.Poisson()).fit(maxiter=200, tol=1e-15)
    check(f"{dataset}: statsmodels' estimates", fit.params / scale, wanted.estimate, 1e-7)
    check(f"{dataset}: statsmodels' standard errors", fit.bse / scale, wanted.std_error, 1e-6)
    check(f"{dataset}: statsmodels' log likelihood", fit.llf, float(model["log_likelihood"]), 1e-9)
    if model["kind"] == "logistic_regression":
        scaler = StandardScaler().fit(x.iloc[:, 1:])
        learned = LogisticRegression(penalty="none", solver="newton-cg", tol=1e-10, max_iter=1000).fit(scaler.transform(x.iloc[:, 1:]), y)
        check(f"{dataset}: scikit-learn's estimates", learned.coef_[0] / scaler.scale_, wanted.estimate[1:], 1e-5)

raise SystemExit(1 if bad else 0)
