# Robust standard errors by statsmodels, for test/unit/glm_references_test.cpp: prints them in full.
# python3 test/reference/glm.py BIRTHWT.csv
import sys
import numpy, pandas, statsmodels.api as sm
d = pandas.read_csv(sys.argv[1])
numpy.set_printoptions(precision=17)
def columns(*names): return sm.add_constant(numpy.column_stack([d[n] for n in names]).astype(float))
def sharp(y, x, family, **more): return sm.GLM(d[y].astype(float), x, family, **more)
cases = {
  "ols": (sm.OLS(d.bwt.astype(float), columns("age", "lwt", "smoke")), {}),
  "wls, weights lwt": (sm.WLS(d.bwt.astype(float), columns("age", "smoke"), weights=d.lwt), {}),
  "logit": (sharp("low", columns("age", "lwt", "smoke"), sm.families.Binomial()), dict(tol=1e-14)),
  "poisson": (sharp("ftv", columns("age", "lwt", "smoke"), sm.families.Poisson()), dict(tol=1e-14)),
}
for name, (model, options) in cases.items():
  for kind, more in (("HC1", {}), ("cluster", dict(cov_kwds=dict(groups=d.race * 10 + d.ptl)))):
    fit = model.fit(cov_type=kind, **more, **options)
    print("#", name, kind, "groups", len(set(d.race * 10 + d.ptl)))
    print(repr(numpy.asarray(fit.bse)))
