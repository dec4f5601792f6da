#include "core/regression/binary_target.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"

namespace persona {
namespace {

// As the server prints a double: integers in full below 1e15.
std::string number_text(double x) {
  std::array<char, 32> buffer;
  const bool plain = std::fabs(x) < 1e15 && x == std::floor(x);
  const auto end =
      plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::fixed)
            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), x);
  return {buffer.data(), end.ptr};
}

}  // namespace

std::uint8_t BinaryTarget::add(std::string text, double number) {
  texts_.push_back(std::move(text));
  numbers_.push_back(number);
  if (texts_.size() > kMostValues) throw_too_many(false);
  return static_cast<std::uint8_t>(texts_.size() - 1);
}

const std::uint8_t* BinaryTarget::encode(const RowBlock& block, int stream_column) {
  if (is_label_) {
    const Dictionary& dictionary = block.dictionary(stream_column);
    code_of_label_.resize(static_cast<std::size_t>(dictionary.size()), -1);
    const std::int32_t* labels = block.labels(stream_column);
    for (int r = 0; r < block.rows(); ++r) {
      int& code = code_of_label_[static_cast<std::size_t>(labels[r])];
      if (code < 0) code = add(dictionary.label(labels[r]), 0);
      codes_[static_cast<std::size_t>(r)] = static_cast<std::uint8_t>(code);
    }
  } else {
    const double* values = block.numbers(stream_column);
    for (int r = 0; r < block.rows(); ++r) {
      std::size_t code = 0;
      while (code < numbers_.size() && numbers_[code] != values[r]) ++code;
      if (code == numbers_.size()) add(number_text(values[r] + 0.0), values[r]);  // + 0.0: no "-0"
      codes_[static_cast<std::size_t>(r)] = static_cast<std::uint8_t>(code);
    }
  }
  for (int r = 0; r < block.rows(); ++r) ++counts_[codes_[static_cast<std::size_t>(r)]];
  return codes_.data();
}

void BinaryTarget::throw_too_many(bool counted) const {
  const std::string count =
      counted ? std::to_string(texts_.size()) : "more than " + std::to_string(kMostValues);
  throw Error(sqlstate::kInvalidParameter, "target \"" + name_ + "\" has " + count + " distinct values",
              "Among them are " + quoted_list(texts_) + "; this kind of model needs exactly two.",
              is_label_ ? "Turn it into two classes in the source."
                        : "Turn it into two classes in the source, or use the kind linear_regression.");
}

void BinaryTarget::settle() {
  if (texts_.size() == 1) {
    throw Error(sqlstate::kNotInPrerequisiteState,
                "target \"" + name_ + "\" has only one class, \"" + texts_.front() + "\"",
                "Telling two classes apart takes rows of both.",
                "Check the source's condition and the expression behind the target.");
  }
  if (texts_.size() > 2) throw_too_many(true);
  const bool second_later = is_label_ ? texts_[1] > texts_[0] : numbers_[1] > numbers_[0];
  positive_ = second_later ? 1 : 0;
}

Feature BinaryTarget::describe() const {
  const std::size_t positive = positive_;
  const std::size_t negative = 1 - positive;
  const auto rows = static_cast<double>(counts_[0] + counts_[1]);
  Feature feature;
  feature.name = name_;
  feature.role = "target";
  feature.is_label = true;
  feature.levels = {texts_[negative], texts_[positive]};
  feature.shares = {static_cast<double>(counts_[negative]) / rows,
                    static_cast<double>(counts_[positive]) / rows};
  return feature;
}

}  // namespace persona
