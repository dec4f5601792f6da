# What statsmodels says of test/unit/glm_references_test.cpp, multinomial_regression_test.cpp and
# test/pgtap/robust_errors.sql: prints the values in full. Its HC1 of models that are not linear lacks the factor
# n / (n - p).
# python3 test/reference/glm.py BIRTHWT.csv WARPBREAKS.csv
import sys
import numpy, pandas, statsmodels.api as sm
numpy.set_printoptions(precision=17)

def design(*columns): return sm.add_constant(numpy.column_stack(columns).astype(float))
def show(name, model, groups, use_t=None, kinds=("HC1", "cluster"), **options):
  for kind in kinds:
    fit = model.fit(cov_type=kind, cov_kwds=dict(groups=groups) if kind == "cluster" else {}, **options) if use_t is None else \
      model.fit(cov_type=kind, cov_kwds=dict(groups=groups) if kind == "cluster" else {}, use_t=use_t, **options)
    print("#", name, kind, len(set(groups)), "groups")
    print(repr(numpy.asarray(fit.bse).T), repr(numpy.asarray(fit.pvalues).T))

d = pandas.read_csv(sys.argv[1])
group = d.race * 10 + d.ptl
poisson, binomial = sm.families.Poisson(), sm.families.Binomial()
x = design(d.age, d.lwt, d.smoke)
show("birth weights: ols", sm.OLS(d.bwt.astype(float), x), group)
show("birth weights: wls, weights lwt", sm.WLS(d.bwt.astype(float), design(d.age, d.smoke), weights=d.lwt), group)
show("birth weights: logit", sm.GLM(d.low.astype(float), x, binomial), group, tol=1e-14)
show("birth weights: poisson", sm.GLM(d.ftv.astype(float), x, poisson), group, tol=1e-14)
races = sm.MNLogit(d.race, x)
fit = races.fit(method="newton", tol=1e-14, maxiter=100, disp=0)
print("# birth weights: mnlogit", repr(fit.params.values.T), repr(fit.bse.values.T), fit.llf, fit.aic, fit.bic)
show("birth weights: mnlogit", races, d.ptl * 2 + d.ht, kinds=("HC0", "cluster"), method="newton", tol=1e-14, maxiter=100, disp=0)

y = pandas.read_csv(sys.argv[2])
x = design(y.wool == "B", y.tension == "L", y.tension == "M")
loom = numpy.arange(len(y)) % 9
show("yarn: ols", sm.OLS(y.breaks.astype(float), x), loom, use_t=True)
show("yarn: wls", sm.WLS(y.breaks.astype(float), x, weights=1 + (numpy.arange(len(y)) + 1) % 4), loom, use_t=True)
show("yarn: poisson", sm.GLM(y.breaks.astype(float), x, poisson), loom, tol=1e-14)
