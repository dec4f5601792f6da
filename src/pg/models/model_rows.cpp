#include "pg/models/model_rows.h"

#include "pg/models/scoring.h"

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

class RowUser final : public RowSink {
 public:
  explicit RowUser(const std::function<void(const RowBlock&, int)>& use) : use_(use) {}
  void consume(const RowBlock& block) override {
    for (int row = 0; row < block.rows(); row++) use_(block, row);
    poll_.check();
  }

 private:
  const std::function<void(const RowBlock&, int)>& use_;
  ServerPoll poll_;
};

// The place for a code's value, made when the code is new.
double* value_of_code(std::vector<double>* values, std::int32_t code) {
  const auto at = static_cast<std::size_t>(code);
  if (at >= values->size()) values->resize(at + 1, std::nan(""));
  return &(*values)[at];
}

}  // namespace

int SharedColumns::add(const StreamColumn& column) {
  for (std::size_t i = 0; i < columns_.size(); i++) {
    StreamColumn& other = columns_[i];
    if (other.source != column.source || other.encoding != column.encoding || other.part != column.part ||
        other.element != column.element) {
      continue;
    }
    if (column.missing == Missing::omit) other.missing = Missing::omit;
    return static_cast<int>(i);
  }
  columns_.push_back(column);
  return static_cast<int>(columns_.size()) - 1;
}

void SharedColumns::add_time_zone(const LoadedModel& model) {
  const std::vector<ScorerInput>& inputs = model.scorer->inputs();
  const auto is_part = [](const ScorerInput& input) { return input.part != DatePart::none; };
  if (std::none_of(inputs.begin(), inputs.end(), is_part)) return;
  if (time_zone_.empty()) time_zone_ = model.settings.time_zone;
  if (time_zone_ == model.settings.time_zone) return;
  throw Error(sqlstate::kFeatureNotSupported, "the models read dates in different time zones",
              "One reads them in \"" + time_zone_ + "\", model \"" + model.address() + "\" in \"" +
                  model.settings.time_zone + "\".",
              "Compare them one by one with evaluate.");
}

ModelRows::ModelRows(const LoadedModel& model, const Source& source, SharedColumns* columns, bool all)
    : model_(model) {
  const std::size_t inputs = scorer_of(model).inputs().size();
  columns->add_time_zone(model);
  for (std::size_t i = 0; i < inputs; i++) {
    StreamColumn column = stream_input(model, source, static_cast<int>(i));
    if (all) column.missing = Missing::pass;
    places_.push_back(columns->add(column));
  }
  levels_.resize(inputs);
  x_.resize(inputs);
}

bool ModelRows::is_missing(const RowBlock& block, int row, std::size_t input) const {
  const int place = places_[input];
  return model_.scorer->inputs()[input].encoding == Encoding::number
             ? std::isnan(block.numbers(place)[row])
             : block.labels(place)[row] == kMissingLabel;
}

const double* ModelRows::inputs(const RowBlock& block, int row) {
  const Scorer& scorer = *model_.scorer;
  for (std::size_t i = 0; i < x_.size(); i++) {
    const int place = places_[i];
    const int input = static_cast<int>(i);
    if (is_missing(block, row, i)) {
      x_[i] = scorer.takes_missing(input) ? scorer.missing(input) : std::nan("");
    } else if (scorer.inputs()[i].encoding == Encoding::number) {
      x_[i] = block.numbers(place)[row];
    } else {
      const std::int32_t code = block.labels(place)[row];
      double* level = value_of_code(&levels_[i], code);
      if (std::isnan(*level)) *level = scorer.level(input, block.dictionary(place).label(code));
      x_[i] = *level;
    }
  }
  return x_.data();
}

ModelTarget::ModelTarget(const LoadedModel& model, const Source& source, SharedColumns* columns)
    : model_(model) {
  const int at = find_column(model, source, model.target);
  is_number_ = source.columns[static_cast<std::size_t>(at)].family == SourceColumn::Family::number;
  if (model.levels.empty() && !is_number_) {
    throw Error(sqlstate::kDatatypeMismatch, "target \"" + model.target + "\" must be a number");
  }
  place_ = columns->add({at, is_number_ ? Encoding::number : Encoding::label});
  if (!is_number_) return;
  for (const std::string& level : model.levels) {
    double number = std::nan("");
    std::from_chars(level.data(), level.data() + level.size(), number);
    class_numbers_.push_back(number);
  }
}

double ModelTarget::class_of(const std::string& label) const {
  const auto found = std::find(model_.levels.begin(), model_.levels.end(), label);
  if (found != model_.levels.end()) return static_cast<double>(found - model_.levels.begin());
  std::string known;
  for (const std::string& level : model_.levels) known += (known.empty() ? "\"" : ", \"") + level + "\"";
  throw Error(sqlstate::kDataException,
              "target \"" + model_.target + "\" has a class the model does not know",
              "The class is \"" + label + "\"; model \"" + model_.address() + "\" knows " + known + ".");
}

double ModelTarget::value(const RowBlock& block, int row) {
  if (is_number_) {
    const double number = block.numbers(place_)[row];
    if (model_.levels.empty()) return number;
    const auto found = std::find(class_numbers_.begin(), class_numbers_.end(), number);
    if (found != class_numbers_.end()) return static_cast<double>(found - class_numbers_.begin());
    return class_of(number_text(number));
  }
  const std::int32_t code = block.labels(place_)[row];
  double* value = value_of_code(&class_of_code_, code);
  if (std::isnan(*value)) *value = class_of(block.dictionary(place_).label(code));
  return *value;
}

StreamCount stream_model_rows(const Source& source, const SharedColumns& columns,
                              const std::function<void(const RowBlock& block, int row)>& use) {
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : columns.columns()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  RowUser user(use);
  return stream_rows(source.query, columns.columns(), &block, &user, columns.time_zone());
}

}  // namespace persona::pg
