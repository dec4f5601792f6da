#include "core/regression/class_target.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "core/base/number_text.h"
#include "core/model/feature_columns.h"

namespace persona {
std::size_t ClassTarget::add(std::string text, double number) {
  texts_.push_back(std::move(text));
  numbers_.push_back(number);
  counts_.push_back(0);
  weights_.push_back(0);
  if (texts_.size() > kMostClasses) throw_too_many();
  return texts_.size() - 1;
}

std::size_t ClassTarget::find(double number) {
  const auto found = std::find(numbers_.begin(), numbers_.end(), number);
  if (found != numbers_.end()) return static_cast<std::size_t>(found - numbers_.begin());
  return add(number_text(number + 0.0), number);  // + 0.0: no "-0"
}

const double* ClassTarget::encode(const RowBlock& block, int stream_column, const double* weights) {
  const auto note = [&](int r, std::size_t code) {
    codes_[static_cast<std::size_t>(r)] = static_cast<double>(code);
    ++counts_[code];
    weights_[code] += weights == nullptr ? 1 : weights[r];
  };
  if (is_label_) {
    const Dictionary& dictionary = block.dictionary(stream_column);
    code_of_label_.resize(static_cast<std::size_t>(dictionary.size()), -1);
    const std::int32_t* labels = block.labels(stream_column);
    for (int r = 0; r < block.rows(); ++r) {
      int& code = code_of_label_[static_cast<std::size_t>(labels[r])];
      if (code < 0) code = static_cast<int>(add(dictionary.label(labels[r]), 0));
      note(r, static_cast<std::size_t>(code));
    }
  } else {
    const double* values = block.numbers(stream_column);
    for (int r = 0; r < block.rows(); ++r) {
      if (numbers_.empty() || numbers_[last_] != values[r]) last_ = find(values[r]);
      note(r, last_);
    }
  }
  return codes_.data();
}

void ClassTarget::throw_too_many() const {
  throw Error(sqlstate::kInvalidParameter,
              "target \"" + name_ + "\" has more than " + std::to_string(kMostClasses) + " distinct values",
              "Among them are " + quoted_list(texts_) + "; each would be a class of its own.",
              is_label_ ? "Turn it into fewer classes in the source."
                        : "Turn it into classes in the source, or use the kind linear_regression or "
                          "poisson_regression.");
}

void ClassTarget::settle() {
  const auto whole = [](double x) { return x == std::floor(x); };
  if (texts_.size() > 2 && !std::all_of(numbers_.begin(), numbers_.end(), whole)) {
    throw Error(sqlstate::kInvalidParameter, "target \"" + name_ + "\" is a number with fractions",
                "Each of its " + std::to_string(texts_.size()) + " values would be a class of its own.",
                "Turn it into classes in the source, or use the kind linear_regression.");
  }
  if (texts_.size() == 1) {
    throw Error(sqlstate::kNotInPrerequisiteState,
                "target \"" + name_ + "\" has only one class, \"" + texts_.front() + "\"",
                "Telling two classes apart takes rows of both.",
                "Check the source's condition and the expression behind the target.");
  }
  order_.resize(texts_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [this](std::size_t a, std::size_t b) {
    return is_label_ ? texts_[a] < texts_[b] : numbers_[a] < numbers_[b];
  });
}

Feature ClassTarget::describe() const {
  const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  Feature feature;
  feature.name = name_;
  feature.role = "target";
  feature.is_label = true;
  for (std::size_t rank = 0; rank < size(); ++rank) {
    feature.levels.push_back(text(rank));
    feature.shares.push_back(weight(rank) / total);
  }
  return feature;
}

}  // namespace persona
