#!/usr/bin/env python3
"""Writes what test/pgtap/cross_validate.sql expects: the folds of persona.fold, models by statsmodels, metrics by scikit-learn.
    python3 test/reference/cross_validation.py FOLDER    # of r_datasets/birthwt.csv
birthwt: Hosmer and Lemeshow, "Applied Logistic Regression", 1989, as in the R package MASS; the key is its row, from 1."""
import sys
import numpy as np
import pandas as pd
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (accuracy_score, brier_score_loss, f1_score, log_loss, mean_absolute_error,
                             mean_squared_error, precision_score, r2_score, recall_score, roc_auc_score)
from sklearn.model_selection import PredefinedSplit, cross_val_score

M = 2**64 - 1


def mix(z):
    z = (z + 0x9e3779b97f4a7c15) & M
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & M
    z = (z ^ z >> 27) * 0x94d049bb133111eb & M
    return z ^ z >> 31


def fold(key, folds, seed=0):
    h = 0xcbf29ce484222325
    for byte in str(key).encode():
        h = (h ^ byte) * 0x100000001b3 & M
    return 1 + mix(h ^ mix(seed & M)) % folds


rows = pd.read_csv(f"{sys.argv[1]}/r_datasets/birthwt.csv")
features = rows[["age", "lwt", "smoke", "ptl", "ht", "ui"]].astype(float)
x = sm.add_constant(features)


def show(kind, number, scores):
    for name, value in scores:
        print(f"('{kind}', {number}, '{name}', {float(value)!r}),")


def binary(y, p):
    called = p >= 0.5
    return [("rows", len(y)), ("auc", roc_auc_score(y, p)), ("log_loss", log_loss(y, p)), ("brier", brier_score_loss(y, p)),
            ("accuracy", accuracy_score(y, called)), ("precision", precision_score(y, called)),
            ("recall", recall_score(y, called)), ("f1", f1_score(y, called))]


def number(y, s):
    return [("rows", len(y)), ("r_squared", r2_score(y, s)), ("rmse", mean_squared_error(y, s) ** 0.5),
            ("mae", mean_absolute_error(y, s))]


folds = np.array([fold(i, 4, 7) for i in range(1, len(rows) + 1)])
for k in range(1, 5):
    low = sm.Logit(rows.low[folds != k], x[folds != k]).fit(disp=0, method="newton", maxiter=100, tol=1e-14)
    show("logistic_regression", k, binary(rows.low[folds == k], low.predict(x[folds == k])))
    bwt = sm.OLS(rows.bwt[folds != k], x[folds != k]).fit()
    show("linear_regression", k, number(rows.bwt[folds == k], bwt.predict(x[folds == k])))
# The same by scikit-learn's own loop, to the digits of its solver.
auc = cross_val_score(LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-12, max_iter=1000), features, rows.low,
                      cv=PredefinedSplit(folds), scoring="roc_auc")
print("-- scikit-learn's cross_val_score, roc_auc:", [float(a) for a in auc])
