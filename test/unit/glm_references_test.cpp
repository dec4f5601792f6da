// Weights, offsets and robust standard errors of linear, logistic and Poisson regression on the birth weights
// of MASS, against R 4.2.2 (lm, glm) and statsmodels 0.13.5: test/reference/glm.R and glm.py print the
// values.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
#include "core/regression/poisson_regression.h"
#include "fit_support.h"
#include "regression_data.h"

namespace persona::test {
namespace {

std::vector<std::string> as_labels(const std::vector<double>& values) {
  std::vector<std::string> labels;
  for (const double value : values) labels.push_back(std::to_string(static_cast<int>(value)));
  return labels;
}

TestColumn birth(const std::string& name) {
  if (name == "race") return label_column(name, as_labels(kBirthRace));
  if (name == "group") {
    std::vector<double> groups;
    for (std::size_t i = 0; i < kBirthRace.size(); ++i) groups.push_back(kBirthRace[i] * 10 + kBirthPtl[i]);
    return label_column(name, as_labels(groups));
  }
  const auto changed = [](std::vector<double> values, auto change) {
    for (double& value : values) value = change(value);
    return values;
  };
  if (name == "age") return number_column(name, kBirthAge);
  if (name == "lwt") return number_column(name, kBirthLwt);
  if (name == "smoke") return number_column(name, kBirthSmoke);
  if (name == "ht") return number_column(name, kBirthHt);
  if (name == "ftv") return number_column(name, kBirthFtv);
  if (name == "low") return number_column(name, kBirthLow);
  if (name == "bwt") return number_column(name, kBirthBwt);
  if (name == "w") return number_column(name, changed(kBirthLwt, [](double x) { return x / 100; }));
  if (name == "log_age") return number_column(name, changed(kBirthAge, [](double x) { return std::log(x); }));
  if (name == "half_ptl") return number_column(name, changed(kBirthPtl, [](double x) { return x / 2; }));
  if (name == "ptl_100") return number_column(name, changed(kBirthPtl, [](double x) { return 100 * x; }));
  throw std::invalid_argument(name);
}

FittedModel fit_birth(const Kind& kind, const std::vector<std::string>& names, const GivenOptions& options) {
  std::vector<TestColumn> columns;
  for (const std::string& name : names) columns.push_back(birth(name));
  return fit_columns(kind, columns, names.back(), options);
}

struct Expected {
  double estimate;
  double std_error;
};

void expect_terms(const FittedModel& model, const std::vector<Expected>& expected) {
  ASSERT_EQ(model.coefficients.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const Coefficient& coefficient = model.coefficients[k];
    EXPECT_LE(relative(*coefficient.estimate, expected[k].estimate), 1e-10) << coefficient.term;
    EXPECT_LE(relative(*coefficient.std_error, expected[k].std_error), 1e-9) << coefficient.term;
  }
}

void expect_metrics(const FittedModel& model, const std::map<std::string, double>& expected) {
  for (const auto& [name, value] : expected) {
    ASSERT_TRUE(find_metric(model, name).has_value()) << name;
    EXPECT_LE(relative(*find_metric(model, name), value), 1e-12) << name;
  }
}

TEST(GlmReferences, Poisson) {
  const FittedModel model = fit_birth(poisson_regression(), {"age", "lwt", "race", "smoke", "ht", "ftv"}, {});
  expect_terms(model, {{-1.722038087344743840, 0.509114052434009312},
                       {0.041140113899425214, 0.014891099833788706},
                       {0.004667012310741331, 0.002688339561284627},
                       {0.001561442524140191, 0.255863362733673938},
                       {-0.168600016834604821, 0.199535858169338248},
                       {-0.073879328272541137, 0.177029285178219142},
                       {-0.611929554987147850, 0.429697592015088226}});
  expect_metrics(model, {{"log_likelihood", -228.5040723360935},
                         {"deviance", 246.9336591804209},
                         {"null_deviance", 264.5154272668432},
                         {"aic", 471.0081446721870},
                         {"bic", 493.7003737776045},
                         {"pearson_chi2", 252.4540750264223},
                         {"dispersion", 252.4540750264223 / 182},
                         {"residual_df", 182},
                         {"rank", 7},
                         {"rows", 189},
                         {"converged", 1}});
  EXPECT_DOUBLE_EQ(*find_term(model, "ht").odds_ratio, std::exp(*find_term(model, "ht").estimate));
  EXPECT_FALSE(find_term(model, "(intercept)").odds_ratio.has_value());
  EXPECT_TRUE(model.notices.empty());
  const auto scorer = load_scorer(poisson_regression(), model);
  const double row[] = {30, 120, scorer->level(2, "2"), 1, 0};
  EXPECT_LE(relative(scorer->predict(row),
                     std::exp(-1.722038087344743840 + 30 * 0.041140113899425214 + 120 * 0.004667012310741331 +
                              0.001561442524140191 - 0.073879328272541137)),
            1e-9);
}

TEST(GlmReferences, PoissonWithWeightsAndOffset) {
  const FittedModel model = fit_birth(poisson_regression(), {"lwt", "smoke", "ht", "w", "log_age", "ftv"},
                                      {{"weight", "w"}, {"offset", "log_age"}});
  expect_terms(model, {{-4.213495315444595768, 0.286377578853964032},
                       {0.006298747692413634, 0.001906961473120323},
                       {0.078588532551328971, 0.143666837686347998},
                       {-0.905981810771340879, 0.363866266411190020}});
  expect_metrics(model, {{"log_likelihood", -303.6845405893098},
                         {"deviance", 328.8616039369173},
                         {"null_deviance", 343.4831075704269},
                         {"aic", 615.3690811786197},
                         {"bic", 628.3360692388583},
                         {"pearson_chi2", 336.3345244523026}});
  // The offset is a column that scoring needs and adds.
  const auto scorer = load_scorer(poisson_regression(), model);
  ASSERT_EQ(scorer->inputs().size(), 4U);
  EXPECT_EQ(scorer->inputs()[3].name, "log_age");
  const double row[] = {100, 0, 0, 3};
  const double more[] = {100, 0, 0, 4};
  EXPECT_LE(relative(scorer->predict(more), std::exp(1.0) * scorer->predict(row)), 1e-13);
}

TEST(GlmReferences, PoissonWithoutIntercept) {
  const FittedModel model = fit_birth(poisson_regression(), {"age", "lwt", "ftv"}, {{"intercept", false}});
  expect_terms(model,
               {{0.006275796998806684, 0.011788990863513449}, {-0.002474185022117458, 0.002153716300871052}});
  expect_metrics(model, {{"log_likelihood", -238.6779540988914}, {"null_deviance", 273.1819109778272}});
}

// R's log likelihood rounds weights, so the deviance is compared.
TEST(GlmReferences, LogisticWithWeightsAndOffset) {
  const FittedModel model = fit_birth(logistic_regression(), {"age", "smoke", "ht", "w", "half_ptl", "low"},
                                      {{"weight", "w"}, {"offset", "half_ptl"}});
  expect_terms(model, {{-0.06551497921476433, 0.69129336693976540},
                       {-0.05582389284159515, 0.02906645638295358},
                       {0.65852723564095805, 0.29274515580123883},
                       {1.12182904065113909, 0.49415218322548538}});
  expect_metrics(model, {{"deviance", 275.3088098326929}, {"null_deviance", 290.0787271867758}});
}

TEST(GlmReferences, LogisticWithOffsetWithoutIntercept) {
  const FittedModel model = fit_birth(logistic_regression(), {"age", "smoke", "half_ptl", "low"},
                                      {{"intercept", false}, {"offset", "half_ptl"}});
  expect_terms(model,
               {{-0.05047956093530968, 0.00917084453137164}, {0.61035291196128505, 0.31823408384352175}});
  expect_metrics(model, {{"log_likelihood", -111.0883874753791}, {"null_deviance", 263.7119420898555}});
}

TEST(GlmReferences, WeightedLinear) {
  FittedModel model =
      fit_birth(linear_regression(), {"age", "race", "smoke", "lwt", "bwt"}, {{"weight", "lwt"}});
  expect_terms(model, {{3326.540735005871738, 257.254862732102310},
                       {0.931445688487203, 9.619644125006202},
                       {-447.195238086301572, 148.692336490128781},
                       {-433.886749385401572, 119.732599620152413},
                       {-414.779508789376109, 108.957483606618680}});
  expect_metrics(model, {{"log_likelihood", -1503.580224843842},
                         {"aic", 3019.160449687683},
                         {"bic", 3038.610931778042},
                         {"sigma", 7869.968059020823},
                         {"r_squared", 0.1224290255227392},
                         {"adjusted_r_squared", 0.1033513956427986},
                         {"f_statistic", 6.417412765275921},
                         {"rss", 1.139629709400146e10}});
  model = fit_birth(linear_regression(), {"age", "smoke", "lwt", "ptl_100", "bwt"},
                    {{"weight", "lwt"}, {"offset", "ptl_100"}});
  expect_terms(model, {{2867.222013421387601, 242.452066170618281},
                       {8.863756298679142, 9.844974470308369},
                       {-302.264697850133018, 108.378017033749117}});
  expect_metrics(model, {{"log_likelihood", -1513.683537748044}, {"r_squared", 4.537637017454720e-02}});
  model = fit_birth(linear_regression(), {"age", "smoke", "lwt", "bwt"},
                    {{"weight", "lwt"}, {"intercept", false}});
  expect_terms(model, {{121.219456356028559, 3.585526344935424}, {-8.029919325149127, 138.804767276772395}});
  expect_metrics(model, {{"log_likelihood", -1565.513942594178}, {"r_squared", 9.047107990077177e-01}});
}

// HC1 is White's sandwich times n / (n - p). statsmodels leaves the factor out where the model is not linear.
TEST(GlmReferences, RobustErrors) {
  struct Case {
    const Kind& kind;
    std::vector<std::string> columns;
    GivenOptions options;
    std::vector<double> robust;
    std::vector<double> cluster;
  };
  const std::vector<Case> cases = {
      {linear_regression(),
       {"age", "lwt", "smoke", "group", "bwt"},
       {},
       {308.4856877729926, 12.091365377603399, 1.5746676556719796, 103.84498126886776},
       {236.07123220342405, 5.772399054715831, 1.526642527472564, 119.76432936815269}},
      {linear_regression(),
       {"age", "smoke", "lwt", "group", "bwt"},
       {{"weight", "lwt"}},
       {274.2019470085237, 11.724707682838867, 109.57033286520554},
       {199.88444529637331, 6.485091878772775, 140.38343541189425}},
      {logistic_regression(),
       {"age", "lwt", "smoke", "group", "low"},
       {},
       {1.0215206713885638, 0.02996699109268205, 0.00619457304155082, 0.32888206643192947},
       {0.975312220148303, 0.01723912078074421, 0.00524307764494167, 0.3213691359077188}},
      {poisson_regression(),
       {"age", "lwt", "smoke", "group", "ftv"},
       {},
       {0.6396049787573246, 0.01633241564315856, 0.00393418893266571, 0.20489959646276046},
       {1.0215220537112717, 0.01350336707419001, 0.00596282574755498, 0.1912227023420608}}};
  for (const Case& one : cases) {
    GivenOptions options = one.options;
    options["ignore"] = std::vector<std::string>{"group"};
    options["standard_errors"] = "robust";
    const FittedModel robust = fit_birth(one.kind, one.columns, options);
    options.erase("ignore");
    options["standard_errors"] = "cluster";
    options["cluster"] = "group";
    const FittedModel cluster = fit_birth(one.kind, one.columns, options);
    ASSERT_EQ(robust.coefficients.size(), one.robust.size());
    ASSERT_EQ(cluster.coefficients.size(), one.cluster.size());
    const double factor = &one.kind == &linear_regression() ? 1 : std::sqrt(189.0 / 185);
    for (std::size_t k = 0; k < one.robust.size(); ++k) {
      EXPECT_LE(relative(*robust.coefficients[k].std_error, one.robust[k] * factor), 1e-8) << one.kind.name;
      EXPECT_LE(relative(*cluster.coefficients[k].std_error, one.cluster[k]), 1e-8) << one.kind.name;
    }
    EXPECT_EQ(find_metric(cluster, "clusters"), 9);
  }
}

// A row with weight 3 is three rows; the standard errors of a generalized linear model agree too.
TEST(GlmReferences, WholeWeightsAreRepeatedRows) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6};
  const std::vector<double> y = {0, 1, 0, 1, 1, 0};
  const std::vector<double> n = {3, 1, 2, 4, 1, 2};
  std::vector<double> more_x;
  std::vector<double> more_y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    more_x.insert(more_x.end(), static_cast<std::size_t>(n[i]), x[i]);
    more_y.insert(more_y.end(), static_cast<std::size_t>(n[i]), y[i]);
  }
  for (const Kind* kind : {&logistic_regression(), &poisson_regression(), &linear_regression()}) {
    const FittedModel weighted = fit_columns(
        *kind, {number_column("x", x), number_column("n", n), number_column("y", y)}, "y", {{"weight", "n"}});
    const FittedModel repeated =
        fit_columns(*kind, {number_column("x", more_x), number_column("y", more_y)}, "y");
    for (const char* term : {"(intercept)", "x"}) {
      const Coefficient& a = find_term(weighted, term);
      const Coefficient& b = find_term(repeated, term);
      EXPECT_LE(relative(*a.estimate, *b.estimate), 1e-12) << kind->name;
      if (kind != &linear_regression()) {
        EXPECT_LE(relative(*a.std_error, *b.std_error), 1e-12);
      }
    }
    EXPECT_EQ(find_metric(weighted, "total_weight"), 13);
  }
}

// Weights and values at the ends of the range: a weighted mean and slope by hand.
TEST(GlmReferences, ExtremeWeights) {
  for (const double unit : {1e-250, 1.0, 1e250}) {
    const FittedModel model = fit_columns(
        linear_regression(),
        {number_column("x", {0, 0, 1, 1}), number_column("w", {1 * unit, 3 * unit, 2 * unit, 2 * unit}),
         number_column("y", {1, 5, 10, 20})},
        "y", {{"weight", "w"}});
    EXPECT_LE(relative(*find_term(model, "(intercept)").estimate, 4), 1e-15);
    EXPECT_LE(relative(*find_term(model, "x").estimate, 11), 1e-15);
    // rss = 12 + 100 (times the unit), on 2 degrees of freedom; the variance of the first mean is sigma^2
    // / 4.
    EXPECT_LE(relative(*find_term(model, "(intercept)").std_error, std::sqrt(56.0 / 4)), 1e-14);
    EXPECT_LE(relative(*find_metric(model, "sigma"), std::sqrt(56 * unit)), 1e-14);
  }
}

}  // namespace
}  // namespace persona::test
