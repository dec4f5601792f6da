options(digits=16); d <- warpbreaks; d$w <- 1 + (seq_len(nrow(d)) %% 4); d$o <- log(1 + (seq_len(nrow(d)) %% 5))

p <- function(f) {print(summary(f)$coefficients[,1:2], digits=16); print(c(logLik(f), deviance(f), AIC(f)),digits=16); if (inherits(f,"glm")) print(c(f$null.deviance, BIC(f), sum(residuals(f,"pearson")^2)),digits=16)}
e <- glm.control(epsilon=1e-15,maxit=100)
p(glm(breaks~wool+tension, poisson, d, control=e))
p(glm(breaks~wool+tension, poisson, d, weights=w, offset=o, control=e))
p(lm(breaks~wool+tension, d, weights=w)); print(summary(lm(breaks~wool+tension, d, weights=w))$r.squared, digits=16);
d$y <- d$breaks > 27
p(glm(y~wool+tension, binomial, d, weights=w, offset=o, control=e))
cw <- ifelse(d$y, 5, 1)
p(glm(y~wool+tension, binomial, d, weights=cw, control=e))
