# The values that test/unit/glm_references_test.cpp expects of lm, glm and multinom: prints them in full.
# Rscript test/reference/glm.R
suppressPackageStartupMessages({library(MASS); library(nnet)})
options(digits = 17)
d <- birthwt
d$race <- factor(d$race)
attach(d)
exact <- glm.control(epsilon = 1e-15, maxit = 200)
show <- function(name, fit) {
  cat("\n#", name, "\n")
  print(summary(fit)$coefficients[, 1:2], digits = 16)
  if (inherits(fit, "glm")) {
    r <- c(logLik = as.numeric(logLik(fit)), deviance = fit$deviance, null = fit$null.deviance, aic = AIC(fit), bic = BIC(fit),
           pearson = sum(residuals(fit, "pearson")^2), df = fit$df.residual)
  } else {
    s <- summary(fit)
    r <- c(logLik = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit), sigma = s$sigma, r2 = s$r.squared, adjusted = s$adj.r.squared,
           f = s$fstatistic[[1]], rss = deviance(fit))
  }
  print(r, digits = 16)
}
show("poisson", suppressWarnings(glm(ftv ~ age + lwt + race + smoke + ht, poisson, control = exact)))
show("poisson, weights lwt / 100, offset log(age)",
     suppressWarnings(glm(ftv ~ lwt + smoke + ht, poisson, weights = lwt / 100, offset = log(age), control = exact)))
show("poisson without intercept", suppressWarnings(glm(ftv ~ 0 + age + lwt, poisson, control = exact)))
show("logit, weights lwt / 100, offset ptl / 2",
     suppressWarnings(glm(low ~ age + smoke + ht, binomial, weights = lwt / 100, offset = ptl / 2, control = exact)))
show("logit without intercept, offset ptl / 2", suppressWarnings(glm(low ~ 0 + age + smoke, binomial, offset = ptl / 2, control = exact)))
show("lm, weights lwt", lm(bwt ~ age + race + smoke, weights = lwt))
show("lm, weights lwt, offset 100 ptl", lm(bwt - 100 * ptl ~ age + smoke, weights = lwt))
show("lm, weights lwt, no intercept", lm(bwt ~ 0 + age + smoke, weights = lwt))

# test/pgtap/poisson_regression.sql and weights.sql: R's warpbreaks.
y <- warpbreaks
y$w <- 1 + seq_len(nrow(y)) %% 4
y$o <- log(1 + seq_len(nrow(y)) %% 5)
y$many <- y$breaks > 27
show("yarn: poisson", glm(breaks ~ wool + tension, poisson, y, control = exact))
show("yarn: poisson, weights and offset", glm(breaks ~ wool + tension, poisson, y, weights = w, offset = o, control = exact))
show("yarn: lm, weights", lm(breaks ~ wool + tension, y, weights = w))
show("yarn: logit, weights and offset", glm(many ~ wool + tension, binomial, y, weights = w, offset = o, control = exact))
show("yarn: logit, class weight 5", glm(many ~ wool + tension, binomial, y, weights = ifelse(many, 5, 1), control = exact))

# test/pgtap/multinomial.sql; multinom stops by its objective, after about seven digits.
m <- summary(multinom(Species ~ Sepal.Width, iris, maxit = 1000, abstol = 1e-15, reltol = 1e-16, trace = FALSE))
print(m$coefficients, digits = 16)
print(m$standard.errors, digits = 16)
print(c(logLik = -m$deviance / 2, aic = m$AIC), digits = 16)
