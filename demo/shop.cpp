// The demo's data: a year of a gift shop's order lines as CSV on standard output, in the columns of the UCI
// Online Retail file, so that one loader and one tour serve both. The same on every machine: about 200,000
// lines of 4,000 customers and 1,500 products, with the dirt of real files: repeated lines, cancellations,
// guests without a customer number, codes that are no products, zero prices, corrections of stock. Called as
// `shop [seed]`.
#include <cstdio>
#include <cstdlib>

#include "catalog.h"
#include "customers.h"

namespace shop {
namespace {

constexpr int kCustomers = 4000;
constexpr std::size_t kProducts = 1500;
constexpr std::size_t kChristmas = 7;  // the last of rooms()

struct Line {
  std::string code;
  std::string name;  // empty is NA
  int quantity;
  double price;
};

struct Invoice {
  double day;  // with the fraction of the day
  int customer;
  const char* country;
  bool cancellation;
  std::vector<Line> lines;
};

class Shop {
 public:
  explicit Shop(std::uint64_t seed) : random_(seed), products_(make_catalog(kProducts, random_)) {}

  /// All invoices of the year in order of time.
  std::vector<Invoice> year() {
    const Choice calendar = make_calendar();
    for (int i = 0; i < kCustomers; ++i) {
      const Customer customer = make_customer(12001 + i, random_);
      std::vector<std::size_t> bought;
      for (const double day : order_days(customer, calendar, random_))
        order(customer, opening_time(day), bought);
    }
    for (int i = 0; i < kCustomers / 3; ++i) {
      std::vector<std::size_t> bought;
      order(make_customer(0, random_),
            opening_time(static_cast<double>(calendar.at(random_.uniform() * kDays))), bought);
    }
    for (int month = 0; month < 12; ++month) bookkeeping(30.4 * month + 15.5);
    std::stable_sort(invoices_.begin(), invoices_.end(),
                     [](const Invoice& a, const Invoice& b) { return a.day < b.day; });
    return std::move(invoices_);
  }

 private:
  /// The same day at a time between 8 and 18 o'clock, busiest at noon; a later fraction gives a later time on
  /// average.
  double opening_time(double day) {
    const double whole = std::floor(day);
    const double hour = 8 + 10 * (0.35 * (day - whole) + 0.65 * (random_.uniform() + random_.uniform()) / 2);
    return whole + std::floor(hour * 60) / (24 * 60);
  }

  int quantity(const Customer& customer, const Product& product) {
    if (customer.wholesale) {
      constexpr std::array<int, 5> kPacks = {6, 10, 12, 24, 48};
      return kPacks[random_.below(product.price < 3 ? 5 : 3)];
    }
    return 1 + static_cast<int>(random_.exponential() * (product.price < 1.5 ? 4
                                                         : product.price < 5 ? 1.8
                                                                             : 0.6));
  }

  /// One order: products of the customer's taste and of the season, often one that goes with the line before,
  /// and now and then one he has bought before. `bought` is his history.
  void order(const Customer& customer, double day, std::vector<std::size_t>& bought) {
    const bool season = day > 270;
    std::vector<double> weights;
    for (const Product& product : products_) {
      const double taste =
          (0.02 + customer.room_taste[product.room]) * (0.03 + customer.style_taste[product.style]);
      weights.push_back(product.popularity * taste * (product.room == kChristmas ? (season ? 4 : 0.15) : 1));
    }
    const Choice by_taste(weights);
    Invoice invoice{day, customer.id, customer.country, false, {}};
    const int count = 1 + static_cast<int>(random_.exponential() * (customer.wholesale ? 18 : 12));
    std::size_t product = by_taste.draw(random_);
    std::vector<bool> in_basket(products_.size());
    for (int i = 0; i < count; ++i) {
      if (i > 0) product = next_product(product, by_taste, bought);
      if (in_basket[product]) continue;
      in_basket[product] = true;
      bought.push_back(product);
      const Product& chosen = products_[product];
      const bool gift = random_.uniform() < 0.0005;
      invoice.lines.push_back(
          {chosen.code, chosen.name, quantity(customer, chosen), gift ? 0 : chosen.price});
      if (random_.uniform() < 0.01) invoice.lines.push_back(invoice.lines.back());
    }
    if (customer.id == 0) invoice.lines.push_back({"DOT", "dotcom postage", 1, 4.95 + count});
    if (customer.country[0] != 'U') invoice.lines.push_back({"POST", "postage", 1, 18});
    if (random_.uniform() < 0.015) invoice.lines.push_back({"M", "manual", 1, 1.25 * (1 + count)});
    cancel(invoice);
    invoices_.push_back(std::move(invoice));
  }

  std::size_t next_product(std::size_t previous, const Choice& by_taste,
                           const std::vector<std::size_t>& bought) {
    const double u = random_.uniform();
    if (u < 0.1 && !bought.empty()) return bought[random_.below(bought.size())];
    if (u < 0.4) {
      for (int tries = 0; tries < 60; ++tries) {
        const std::size_t other = by_taste.draw(random_);
        if (other != previous && products_[other].room == products_[previous].room &&
            products_[other].style == products_[previous].style) {
          return other;
        }
      }
    }
    return by_taste.draw(random_);
  }

  /// Some orders come back within three weeks, in part: a C-invoice with negative quantities.
  void cancel(const Invoice& invoice) {
    if (random_.uniform() > 0.09) return;
    Invoice back{opening_time(std::floor(invoice.day) + 1 + 6 * random_.exponential()),
                 invoice.customer,
                 invoice.country,
                 true,
                 {}};
    for (const Line& line : invoice.lines) {
      if (random_.uniform() > 0.15) continue;
      const bool all = random_.uniform() < 0.6;
      back.lines.push_back(line);
      back.lines.back().quantity = -(all ? line.quantity : (line.quantity + 1) / 2);
    }
    if (!back.lines.empty() && back.day < kDays) invoices_.push_back(std::move(back));
  }

  /// What a shop writes into the same file without having sold anything: fees, discounts, corrections of
  /// stock.
  void bookkeeping(double day) {
    invoices_.push_back(
        {opening_time(day), 0, "United Kingdom", false, {{"BANK CHARGES", "bank charges", 1, 15}}});
    invoices_.push_back({opening_time(day + 1),
                         12001 + static_cast<int>(random_.below(kCustomers)),
                         "United Kingdom",
                         true,
                         {{"D", "discount", -1, 20 + 5 * std::floor(10 * random_.uniform())}}});
    for (int i = 0; i < 12; ++i) {
      const Product& product = products_[random_.below(products_.size())];
      const int missing = 1 + static_cast<int>(random_.exponential() * 30);
      invoices_.push_back(
          {opening_time(day + i % 3), 0, "United Kingdom", false, {{product.code, "", -missing, 0}}});
    }
  }

  persona::Random random_;
  std::vector<Product> products_;
  std::vector<Invoice> invoices_;
};

/// "2025-03-01 09:30:00" of a day of the year with its fraction.
std::string timestamp(double day) {
  constexpr std::array<int, 12> kMonth = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int rest = static_cast<int>(day);
  std::size_t month = 0;
  while (rest >= kMonth[month]) rest -= kMonth[month++];
  const int minutes = static_cast<int>(std::lround((day - std::floor(day)) * 24 * 60));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "2025-%02d-%02d %02d:%02d:00", static_cast<int>(month) + 1,
                rest + 1, minutes / 60, minutes % 60);
  return text.data();
}

void write_csv(const std::vector<Invoice>& invoices) {
  std::puts(
      R"("InvoiceNo","StockCode","Description","Quantity","InvoiceDate","UnitPrice","CustomerID","Country")");
  int number = 600001;
  for (const Invoice& invoice : invoices) {
    const std::string at = timestamp(invoice.day);
    const std::string customer = invoice.customer == 0 ? "NA" : std::to_string(invoice.customer);
    for (const Line& line : invoice.lines) {
      const std::string name = line.name.empty() ? "NA" : '"' + line.name + '"';
      std::printf("\"%s%d\",\"%s\",%s,%d,%s,%.2f,%s,\"%s\"\n", invoice.cancellation ? "C" : "", number,
                  line.code.c_str(), name.c_str(), line.quantity, at.c_str(), line.price, customer.c_str(),
                  invoice.country);
    }
    ++number;
  }
}

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2025;
  shop::write_csv(shop::Shop(seed).year());
  return 0;
}
