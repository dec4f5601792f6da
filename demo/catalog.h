// What the demo's shop sells: a gift shop's catalog of rooms, styles and colors, with names that can be read,
// prices and a popularity that falls like Zipf's law. Styles and rooms are what customers have a taste for.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"

namespace shop {

struct Noun {
  const char* name;
  double price;  // pounds, before the product's own variation
};

struct Room {
  const char* name;
  std::vector<Noun> nouns;
};

/// A room is what a thing is for; the last one sells before Christmas.
inline const std::vector<Room>& rooms() {
  static const std::vector<Room> all = {
      {"kitchen",
       {{"mug", 2.95},
        {"teapot", 8.95},
        {"cake stand", 12.75},
        {"lunch bag", 1.95},
        {"apron", 6.95},
        {"jam jar", 1.25},
        {"tea towel", 2.95},
        {"soup bowl", 2.55},
        {"egg cup", 0.95},
        {"bread bin", 16.95}}},
      {"garden",
       {{"lantern", 4.95},
        {"flower pot", 1.65},
        {"watering can", 7.95},
        {"bird feeder", 3.75},
        {"wind chime", 2.95},
        {"doormat", 7.95},
        {"garden sign", 2.1},
        {"picnic basket", 18.95}}},
      {"living room",
       {{"cushion", 4.95},
        {"photo frame", 3.25},
        {"wall clock", 9.95},
        {"candle holder", 2.55},
        {"scented candle", 3.75},
        {"vase", 5.95},
        {"door stop", 4.25},
        {"magazine rack", 11.95}}},
      {"desk",
       {{"notebook", 2.95},
        {"pencil set", 0.65},
        {"gift wrap", 0.42},
        {"greeting card", 0.42},
        {"ribbon reel", 1.25},
        {"sticker sheet", 0.85},
        {"address book", 4.95},
        {"letter tray", 6.75}}},
      {"bath",
       {{"soap dish", 2.1},
        {"bath salts", 2.95},
        {"wash bag", 3.75},
        {"hand towel", 4.25},
        {"mirror", 7.95},
        {"bath mat", 8.5}}},
      {"nursery",
       {{"night light", 5.95},
        {"jigsaw", 1.65},
        {"building blocks", 6.75},
        {"soft rabbit", 4.95},
        {"money box", 2.55},
        {"growth chart", 3.95},
        {"skipping rope", 1.25}}},
      {"party",
       {{"paper cups", 0.85},
        {"paper plates", 0.85},
        {"napkins", 0.65},
        {"bunting", 4.95},
        {"cake cases", 0.55},
        {"balloon pack", 1.25},
        {"straws", 0.42}}},
      {"christmas",
       {{"bauble", 0.85},
        {"wreath", 7.95},
        {"stocking", 3.75},
        {"advent calendar", 6.95},
        {"tree star", 2.1},
        {"fairy lights", 5.95}}},
  };
  return all;
}

constexpr std::array<const char*, 10> kStyles = {"nordic",    "vintage",   "rose",   "seaside",   "woodland",
                                                 "polka dot", "botanical", "rustic", "fairytale", "striped"};
constexpr std::array<const char*, 5> kColors = {"blue", "red", "green", "cream", "pink"};

struct Product {
  std::string code;  // five digits for style and noun, a letter for the color
  std::string name;
  std::size_t room;
  std::size_t style;
  double price;
  double popularity;
};

/// `count` products in a random order of popularity; at most one for each color, style and noun.
inline std::vector<Product> make_catalog(std::size_t count, persona::Random& random) {
  std::vector<Product> products;
  int number = 20000;
  for (std::size_t room = 0; room < rooms().size(); ++room) {
    for (const Noun& noun : rooms()[room].nouns) {
      for (std::size_t style = 0; style < kStyles.size(); ++style) {
        number += 1 + static_cast<int>(random.below(4));
        const double price = std::round(noun.price * std::exp(0.15 * random.normal()) * 100) / 100;
        for (std::size_t color = 0; color < kColors.size(); ++color) {
          products.push_back({std::to_string(number) + static_cast<char>('A' + color),
                              std::string(kColors[color]) + " " + kStyles[style] + " " + noun.name, room,
                              style, price, 0});
        }
      }
    }
  }
  for (std::size_t i = products.size(); i > 1; --i) std::swap(products[i - 1], products[random.below(i)]);
  if (count < products.size()) products.resize(count);
  for (std::size_t rank = 0; rank < products.size(); ++rank) {
    products[rank].popularity = std::pow(static_cast<double>(rank + 20), -0.8);
  }
  return products;
}

}  // namespace shop
