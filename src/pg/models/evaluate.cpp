// evaluate(model, source): the model's predictions against the target of rows it has not seen, streamed.
#include "pg/models/cache.h"
#include "pg/models/options_json.h"
#include "pg/models/scoring.h"
#include "pg/models/source.h"
#include "pg/server/row_stream.h"

#include "core/regression/metrics.h"

#include <charconv>

namespace persona::pg {
namespace {

int find_column(const LoadedModel& model, const Source& source, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < source.columns.size(); i++) {
    if (source.columns[i].name == name) return static_cast<int>(i);
    names.push_back(source.columns[i].name);
  }
  throw_missing_input(model, name, names);
}

// Scores each block's rows and hands them on with their target.
class ScoringSink : public RowSink {
 public:
  ScoringSink(const Scorer& scorer, int target)
      : scorer_(scorer), target_(target), x_(scorer.inputs().size()) {}

  void consume(const RowBlock& block) override {
    for (int row = 0; row < block.rows(); row++) {
      for (std::size_t i = 0; i < x_.size(); i++) {
        x_[i] = block_input(scorer_, static_cast<int>(i), block, row);
      }
      add(scorer_.predict(x_.data()), block, row);
    }
    poll_.check();
  }

 protected:
  virtual void add(double score, const RowBlock& block, int row) = 0;
  int target() const { return target_; }

 private:
  const Scorer& scorer_;
  int target_;
  std::vector<double> x_;
  ServerPoll poll_;
};

class RegressionSink final : public ScoringSink {
 public:
  using ScoringSink::ScoringSink;
  void add(double score, const RowBlock& block, int row) override {
    metrics_.add(score, block.numbers(target())[row]);
  }
  std::vector<Metric> results() { return metrics_.results(); }

 private:
  RegressionMetrics metrics_;
};

class BinarySink final : public ScoringSink {
 public:
  BinarySink(const LoadedModel& model, int target, bool number, double threshold)
      : ScoringSink(*model.scorer, target), model_(model), number_(number), metrics_(threshold) {
    for (int i = 0; i < 2 && number_; i++) {
      const std::string& level = model.levels[static_cast<std::size_t>(i)];
      std::from_chars(level.data(), level.data() + level.size(), values_[i]);
    }
  }

  void add(double score, const RowBlock& block, int row) override {
    for (int i = 0; i < 2; i++) {
      const bool match = number_ ? block.numbers(target())[row] == values_[i]
                                 : block.dictionary(target()).label(block.labels(target())[row]) ==
                                       model_.levels[static_cast<std::size_t>(i)];
      if (!match) continue;
      metrics_.add(score, i == 1);
      return;
    }
    throw Error(sqlstate::kDataException,
                "target \"" + model_.target + "\" has a class the model does not know",
                "Model \"" + model_.address() + "\" knows \"" + model_.levels[0] + "\" and \"" +
                    model_.levels[1] + "\".");
  }
  std::vector<Metric> results() {
    ServerPoll poll;
    return metrics_.results(poll);
  }

 private:
  const LoadedModel& model_;
  bool number_;
  double values_[2] = {std::nan(""), std::nan("")};
  BinaryMetrics metrics_;
};

double threshold_option(const LoadedModel& model, Datum given) {
  const std::vector<OptionSpec> specs = {
      {"threshold", OptionType::number, "null", "Probability from which on a row is called positive.", 0, 1}};
  const Options options(specs, read_json_object(given, "options"), "evaluate");
  return options.has("threshold") ? options.number("threshold") : model.options.number("threshold");
}

std::vector<Metric> evaluate(const LoadedModel& model, const std::string& source_text, Datum options) {
  const Scorer& scorer = scorer_of(model);
  const Source source = describe_source(source_text);
  std::vector<StreamColumn> columns;
  std::vector<Encoding> encodings;
  for (std::size_t i = 0; i < scorer.inputs().size(); i++) {
    columns.push_back(stream_input(model, source, static_cast<int>(i)));
  }
  const int target_column = find_column(model, source, model.target);
  const bool number =
      source.columns[static_cast<std::size_t>(target_column)].family == SourceColumn::Family::number;
  if (model.levels.empty() && !number) {
    throw Error(sqlstate::kDatatypeMismatch, "target \"" + model.target + "\" must be a number");
  }
  const int target = static_cast<int>(columns.size());
  columns.push_back({target_column, number ? Encoding::number : Encoding::label});
  for (const StreamColumn& column : columns) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  StreamCount count;
  std::vector<Metric> metrics;
  if (model.levels.size() == 2) {
    BinarySink sink(model, target, number, threshold_option(model, options));
    count = stream_rows(source.query, columns, &block, &sink, model.settings.time_zone.c_str());
    metrics = sink.results();
  } else {
    RegressionSink sink(scorer, target);
    count = stream_rows(source.query, columns, &block, &sink, model.settings.time_zone.c_str());
    metrics = sink.results();
  }
  metrics.push_back({"skipped", static_cast<double>(count.skipped)});
  return metrics;
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(evaluate)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string source = text_argument(fcinfo, 1, "source");
    const std::vector<persona::Metric> metrics =
        with_spi([&] { return evaluate(*model, source, PG_GETARG_DATUM(2)); });
    for (const persona::Metric& metric : metrics) {
      pg_call([&] {
        Datum values[2] = {CStringGetTextDatum(metric.name.c_str()), Float8GetDatum(metric.value)};
        bool nulls[2] = {};
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
      });
    }
  });
  return Datum{0};
}
