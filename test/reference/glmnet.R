#!/usr/bin/env Rscript
# Writes the elastic net's expected values from R's glmnet, run to its last digits, with the data they are from:
# test/unit/glmnet_values.h for the core and test/reference/glmnet_values.sql for the server.
#   Rscript test/reference/glmnet.R FOLDER   # of prostate/prostate.csv.gz and r_datasets/birthwt.csv
# prostate: Stamey et al. (J. Urology 141, 1989), as in Hastie, Tibshirani and Friedman, "The Elements of Statistical
# Learning". birthwt: Hosmer and Lemeshow, "Applied Logistic Regression", 1989, as in the R package MASS.
suppressMessages(library(glmnet))
folder <- commandArgs(TRUE)[1]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
glmnet.control(fdev = 0, devmax = 1) # the whole path, however well it fits already
exact <- function(x, y, ...) glmnet(x, y, thresh = 1e-28, maxit = 1e8, ...)
steps <- seq(1, 100, 11)             # of the 100 penalties, those that are written down

prostate <- read.csv(gzfile(file.path(folder, "prostate", "prostate.csv.gz")))
x <- as.matrix(prostate[, c("lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45")])
y <- prostate$lpsa
scale <- sqrt(mean((y - mean(y))^2)) # glmnet's for y: its lambda is for y / scale

birth <- read.csv(file.path(folder, "r_datasets", "birthwt.csv"))
z <- as.matrix(birth[, c("age", "lwt", "race", "smoke", "ptl", "ht", "ui", "ftv")])
z[, "race"] <- z[, "race"] == 1      # white or not
low <- birth$low
visits <- birth$ftv
counts <- z[, colnames(z) != "ftv"]

folds <- rep(1:10, length.out = nrow(x))
paths <- list(
  Lasso = exact(x, y),
  Half = exact(x, y, alpha = 0.5),
  Origin = exact(x, y, intercept = FALSE),
  Binomial = exact(z, low, family = "binomial", alpha = 0.7),
  Poisson = exact(counts, visits, family = "poisson", alpha = 0.7))
validate <- function(x, y, path, folds, ...)
  cv.glmnet(x, y, lambda = path$lambda, foldid = folds, thresh = 1e-28, maxit = 1e8, ...)
cv <- list(
  Lasso = validate(x, y, paths$Lasso, folds),
  Binomial = validate(z, low, paths$Binomial, rep(1:5, length.out = nrow(z)), family = "binomial", alpha = 0.7),
  Poisson = validate(counts, visits, paths$Poisson, rep(1:5, length.out = nrow(z)), family = "poisson", alpha = 0.7))

number <- function(v) sprintf("%.17g", v)
version <- paste("glmnet", packageVersion("glmnet"), "of R", getRversion())

wrap <- function(values, indent) {
  lines <- strwrap(paste(values, collapse = ", "), width = 108, prefix = indent)
  paste(lines, collapse = "\n")
}
array <- function(name, values) c(
  sprintf("inline const std::vector<double> k%s = {", name), paste0(wrap(values, "    "), "};"))
table <- function(name, path) {
  at <- rbind(path$lambda, as.matrix(coef(path)))[, steps]
  c(sprintf("inline const std::vector<std::vector<double>> k%sPath = {", name),
    paste0(wrap(apply(at, 2, function(column) paste0("{", paste(number(column), collapse = ", "), "}")), "    "), "};"))
}
chosen <- function(name, fit) array(paste0(name, "Choice"),
  number(c(fit$lambda.min, fit$lambda.1se, fit$cvm[fit$index["min", ]], fit$cvsd[fit$index["min", ]])))
columns <- function(prefix, rows) unlist(lapply(colnames(rows), function(name)
  array(paste0(prefix, toupper(substr(name, 1, 1)), substr(name, 2, 99)), format(rows[, name], digits = 15, trim = TRUE))))

writeLines(c(
  "// Data, and what glmnet makes of them. Written by test/reference/glmnet.R: do not edit.",
  sprintf("// %s, thresh = 1e-28. Rows of a path: lambda, intercept, coefficients; every 11th of 100.", version),
  "// A choice: lambda.min, lambda.1se, cvm and cvsd of cv.glmnet with foldid 1, 2, ..., 10 (5), 1, 2, ...",
  "#pragma once", "", "#include <vector>", "", "namespace persona::test {", "",
  columns("Prostate", cbind(x, lpsa = y)), "",
  unlist(lapply(names(paths), function(name) table(name, paths[[name]]))), "",
  unlist(lapply(names(cv), function(name) chosen(name, cv[[name]]))), "",
  "}  // namespace persona::test"),
  file.path(here, "..", "unit", "glmnet_values.h"))

quoted <- function(rows) paste0("  (", apply(rows, 1, paste, collapse = ", "), ")", collapse = ",\n")
rows <- function(name, path) {
  at <- as.matrix(coef(path))[, steps]
  terms <- sub("(Intercept)", "(intercept)", rownames(at), fixed = TRUE)
  unlist(lapply(seq_along(steps), function(k) sprintf("('%s', %d, %s, '%s', %s)", name, steps[k],
    number(path$lambda[steps[k]]), terms, number(at[, k]))))
}
writeLines(c(
  "-- Data, and what glmnet makes of them. Written by test/reference/glmnet.R: do not edit.",
  sprintf("-- %s, thresh = 1e-28; every 11th of the 100 penalties of a path.", version),
  sprintf("CREATE TEMP TABLE prostate (%s, lpsa float8);", paste(colnames(x), "float8", collapse = ", ")),
  "COPY prostate FROM stdin WITH (DELIMITER ' ');",
  apply(format(cbind(x, y), digits = 15, trim = TRUE), 1, paste, collapse = " "), "\\.",
  sprintf("CREATE TEMP TABLE birth (%s, low boolean);", paste(colnames(z), "float8", collapse = ", ")),
  "COPY birth FROM stdin WITH (DELIMITER ' ');",
  paste(apply(z, 1, paste, collapse = " "), ifelse(low == 1, "t", "f")), "\\.",
  "CREATE TEMP TABLE glmnet_path (path text, step int, lambda float8, term text, estimate float8);",
  "INSERT INTO glmnet_path VALUES",
  paste0(paste0("  ", unlist(lapply(names(paths), function(name) rows(tolower(name), paths[[name]]))),
    collapse = ",\n"), ";"),
  "CREATE TEMP TABLE glmnet_scale (y_deviation float8);",
  sprintf("INSERT INTO glmnet_scale VALUES (%s);", number(scale))),
  file.path(here, "glmnet_values.sql"))
