// Rows kept for the passes of a fit, in memory and beyond it.
#include "core/regression/row_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
#include "core/regression/poisson_regression.h"
#include "fit_support.h"

namespace persona::test {
namespace {

// Counts what happens to it.
struct StoreLog {
  int opened = 0;
  int closed = 0;
  std::size_t written = 0;
  std::size_t read = 0;
  std::size_t room = ~std::size_t{0};
};

class TestStore final : public RowStore {
 public:
  explicit TestStore(StoreLog* log) : log_(log) { ++log_->opened; }
  ~TestStore() override { ++log_->closed; }
  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  void write(const void* data, std::size_t bytes) override {
    EXPECT_EQ(log_->read, 0U) << "written after the first read";
    if (bytes_.size() + bytes > log_->room) throw Error("53400", "no room");
    const auto* first = static_cast<const char*>(data);
    bytes_.insert(bytes_.end(), first, first + bytes);
    log_->written += bytes;
  }
  void read(std::uint64_t position, void* data, std::size_t bytes) override {
    ASSERT_LE(position + bytes, bytes_.size());
    std::memcpy(data, &bytes_[position], bytes);
    log_->read += bytes;
  }

 private:
  StoreLog* log_;
  std::vector<char> bytes_;
};

OpenRowStore opener(StoreLog* log) {
  return [log] { return std::make_unique<TestStore>(log); };
}

TEST(RowCache, BlocksComeBackAsTheyWere) {
  Random random(5);
  for (const std::size_t memory : {std::size_t{0}, std::size_t{9000}, std::size_t{1} << 20}) {
    StoreLog log;
    {
      RowCache cache(2, 1, memory, opener(&log));
      std::vector<std::vector<double>> numbers;
      std::vector<std::vector<std::int32_t>> labels;
      for (const int rows : {256, 3, 256, 1, 100, 256}) {
        for (int j = 0; j < 2; ++j) {
          numbers.emplace_back();
          for (int r = 0; r < rows; ++r) numbers.back().push_back(random.normal());
        }
        labels.emplace_back();
        for (int r = 0; r < rows; ++r) labels.back().push_back(static_cast<std::int32_t>(random.below(9)));
        const double* const columns[] = {numbers.end()[-2].data(), numbers.end()[-1].data()};
        const std::int32_t* const codes[] = {labels.back().data()};
        cache.append(columns, codes, rows);
      }
      EXPECT_EQ(cache.rows(), 872);
      EXPECT_EQ(cache.blocks(), 6U);
      for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 5U, 5U, 0U, 3U}) {
        const RowCache::Block& block = cache.block(i);
        ASSERT_EQ(block.rows, cache.block_rows(i));
        ASSERT_EQ(static_cast<std::size_t>(block.rows), labels[i].size());
        for (int j = 0; j < 2; ++j) {
          const std::vector<double>& wanted = numbers[2 * i + static_cast<std::size_t>(j)];
          EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), block.number(j)));
        }
        EXPECT_TRUE(std::equal(labels[i].begin(), labels[i].end(), block.label(0)));
      }
      EXPECT_EQ(cache.stored_rows(), memory == 0 ? 872 : memory == 9000 ? 613 : 0);
      EXPECT_EQ(log.written, static_cast<std::size_t>(cache.stored_rows()) * 20);
      EXPECT_EQ(log.opened, memory == std::size_t{1} << 20 ? 0 : 1);
      EXPECT_EQ(log.closed, 0);
    }
    EXPECT_EQ(log.closed, log.opened);
  }
}

struct Source {
  const Kind& kind;
  GivenOptions options;
};

// The answer is the same to the last bit, whatever memory a fit may use.
TEST(RowCache, FitsDoNotDependOnMemory) {
  Random random(6);
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> w;
  std::vector<std::string> g;
  std::vector<double> y;
  for (int i = 0; i < 70000; ++i) {
    a.push_back(random.normal());
    b.push_back(random.exponential());
    w.push_back(0.5 + random.uniform());
    g.emplace_back(1, static_cast<char>('p' + random.below(4)));
    y.push_back(random.uniform() < 1 / (1 + std::exp(1 - a.back() + b.back())) ? 1 : 0);
  }
  const std::vector<TestColumn> columns = {number_column("a", a), number_column("b", b),
                                           number_column("w", w), label_column("g", g),
                                           number_column("y", y)};
  const std::vector<Source> sources = {
      {logistic_regression(), {{"weight", "w"}}},
      {poisson_regression(), {{"offset", "w"}}},
      {linear_regression(), {{"standard_errors", "robust"}, {"weight", "w"}}},
      {logistic_regression(), {{"standard_errors", "cluster"}, {"cluster", "g"}}}};
  for (const Source& source : sources) {
    FitRequest request = request_for(source.kind, columns, "y", source.options);
    NoPoll poll;
    const FittedModel whole = fit_request(source.kind, request, columns, poll);
    GivenOptions options = source.options;
    options["memory"] = 1.0;
    request = request_for(source.kind, columns, "y", options);
    StoreLog log;
    request.open_store = opener(&log);
    const FittedModel spilled = fit_request(source.kind, request, columns, poll);
    EXPECT_GT(log.written, 1000000U);
    EXPECT_GE(log.read, log.written);
    EXPECT_EQ(log.closed, 1);
    ASSERT_EQ(spilled.coefficients.size(), whole.coefficients.size());
    for (std::size_t k = 0; k < whole.coefficients.size(); ++k) {
      EXPECT_EQ(spilled.coefficients[k].estimate, whole.coefficients[k].estimate);
      EXPECT_EQ(spilled.coefficients[k].std_error, whole.coefficients[k].std_error);
    }
    ASSERT_EQ(spilled.metrics.size(), whole.metrics.size());
    for (std::size_t k = 0; k < whole.metrics.size(); ++k) {
      EXPECT_EQ(spilled.metrics[k].value, whole.metrics[k].value) << whole.metrics[k].name;
    }
    // No room: the error passes, and the store is gone.
    StoreLog full;
    full.room = 500000;
    request.open_store = opener(&full);
    EXPECT_EQ(sqlstate_of([&] { fit_request(source.kind, request, columns, poll); }), "53400");
    EXPECT_EQ(full.closed, 1);
  }
}

}  // namespace
}  // namespace persona::test
