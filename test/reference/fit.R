# Fits the exported tables of test/reference by R's lm and glm:  Rscript fit.R FOLDER kind target dataset ...
# Writes coefficients.csv and models.csv of these datasets to the folder. Label columns become 0/1 columns named
# column=level, without the first level in byte order.
options(digits = 17)
folder <- commandArgs(TRUE)[1]
models <- matrix(commandArgs(TRUE)[-1], ncol = 3, byrow = TRUE)

columns <- function(name, values) {
  if (is.logical(values)) return(matrix(as.numeric(values), dimnames = list(NULL, paste0(name, "=true"))))
  if (is.numeric(values)) return(matrix(values, dimnames = list(NULL, name)))
  levels <- sort(unique(values), method = "radix")[-1]
  matrix(as.numeric(outer(values, levels, "==")), ncol = length(levels), dimnames = list(NULL, paste0(name, "=", levels)))
}

text <- function(x) format(x, digits = 17, trim = TRUE, scientific = TRUE)
coefficients <- models_out <- NULL
for (k in seq_len(nrow(models))) {
  dataset <- models[k, 1]; kind <- models[k, 2]; target <- models[k, 3]
  rows <- read.csv(file.path(folder, paste0(dataset, ".csv")), check.names = FALSE)
  truth <- function(v) if (all(v %in% c("t", "f"))) v == "t" else v
  rows[] <- lapply(rows, truth)
  features <- setdiff(names(rows), target)
  X <- do.call(cbind, lapply(features, function(name) columns(name, rows[[name]])))
  y <- rows[[target]]
  if (is.character(y)) y <- y == sort(unique(y), method = "radix")[2]
  if (kind == "linear_regression") {
    fit <- lm(y ~ X, tol = 1e-14)
  } else {
    family <- if (kind == "logistic_regression") binomial() else poisson()
    fit <- glm(y ~ X, family = family, control = glm.control(epsilon = 1e-11, maxit = 100))
    # Standard errors are of the step before the last: from the solution once more.
    fit <- glm(y ~ X, family = family, start = coef(fit), control = glm.control(epsilon = 1e-11, maxit = 100))
    stopifnot(fit$converged)
  }
  table <- summary(fit)$coefficients
  stopifnot(nrow(table) == ncol(X) + 1)
  coefficients <- rbind(coefficients, data.frame(dataset, term = c("(intercept)", colnames(X)),
                                                 estimate = text(table[, 1]), std_error = text(table[, 2])))
  models_out <- rbind(models_out, data.frame(dataset, kind, target, rows = length(y),
                                             log_likelihood = text(as.numeric(logLik(fit)))))
}
write.csv(coefficients, file.path(folder, "coefficients.csv"), row.names = FALSE, quote = FALSE)
write.csv(models_out, file.path(folder, "models.csv"), row.names = FALSE, quote = FALSE)
