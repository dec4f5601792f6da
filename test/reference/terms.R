# The figures of R in test/pgtap/terms.sql and test/unit/design_terms_test.cpp.
# Rscript test/reference/terms.R
suppressMessages({library(MASS); library(splines)})
options(digits = 18)

show <- function(name, fit) {
  cat(name, "\n")
  print(coef(summary(fit))[, 1:2])
}

birth <- transform(birthwt, race = factor(c("white", "black", "other")[race]), smoke = factor(c("no", "yes")[smoke + 1]))
show("lm", lm(bwt ~ age * lwt + race * smoke, birth))
fit <- glm(low ~ age + race * smoke + lwt + age:smoke, binomial, birth, control = list(epsilon = 1e-14, maxit = 50))
show("glm", fit)
print(as.numeric(logLik(fit)))
fit <- lm(bwt ~ ns(age, knots = c(21, 25), Boundary.knots = c(16, 33)) + race * smoke + lwt, birth)
cat("ns\n")
print(deviance(fit))
print(predict(fit, data.frame(age = c(10, 14, 18, 30, 45, 60), race = "black", smoke = "yes", lwt = 120)))

x <- 10:49
fit <- lm(sin(x) ~ ns(x, knots = c(21, 25), Boundary.knots = c(16, 33)))
cat("sine\n")
print(deviance(fit))
print(predict(fit, data.frame(x = c(5, 16, 18.5, 24, 33, 60))))
