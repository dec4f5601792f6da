// The text form of an affinity state.
#include <deque>

#include "core/summaries/affinity_contents.h"
#include "core/summaries/affinity_forms.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

constexpr const char* kType = "persona.affinity";

std::string heading(const AffinityForm& form) {
  std::string to = "affinity:";
  append_integer(to, kAffinityVersion);
  to += form.bigint ? " bigint" : " text";
  return to;
}

void append_key(std::string& to, bool bigint, const AffinityKey& key) {
  if (bigint) return append_integer(to, bigint_of(key));
  append_quoted(to, {key.bytes, shown_size(key)});
  if (!key.cut) return;
  to += '#';
  append_hex(to, hash_of(key));
}

// Reads one key; its bytes lie in `*memory`.
AffinityKey read_key(TextReader& in, bool bigint, std::string* memory) {
  if (bigint) {
    memory->resize(kAffinityBigintSize);
    return bigint_affinity_key(in.integer(INT64_MIN, INT64_MAX), memory->data());
  }
  *memory = in.quoted();
  const std::size_t shown = memory->size();
  if (in.accept("#")) {
    if (shown > kAffinityPrefixLimit) in.fail("at most 56 bytes of a cut key, before its hash");
    const std::uint64_t hash = in.hex();
    memory->resize(shown + kAffinityHashSize);
    return hashed_affinity_key(memory->data(), shown, hash, memory->data());
  }
  if (shown > kAffinityKeyLimit) in.fail("a key of at most 64 bytes, before this");
  return {memory->data(), static_cast<std::uint16_t>(shown), false};
}

// A slack, "*" for the greatest.
void append_slack(std::string& to, std::uint16_t code) {
  if (code == kInfiniteSlack) {
    to += '*';
  } else {
    append_double(to, slack_value(code));
  }
}

std::uint16_t read_slack(TextReader& in) {
  if (in.accept("*")) return kInfiniteSlack;
  const double value = in.number();
  const std::uint16_t code = value >= 0 ? slack_code(value) : std::uint16_t{0};
  if (slack_value(code) != value) in.fail("a number of nine binary digits, before this");
  return code;
}

}  // namespace

std::string affinity_to_text(const char* state, std::size_t) {
  const AffinityView view(state);
  const AffinityForm& form = view.form();
  std::string to = heading(form);
  to += form.sums ? " sums" : " counts";
  if (form.bounded) {
    to += " bounded total=";
    append_pair(to, view.total());
    to += " error=";
    append_pair(to, view.error());
  } else {
    to += " exact";
  }
  to += " keys=";
  for (int i = 0; i < view.count(); ++i) {
    if (i > 0) to += ',';
    append_key(to, form.bigint, view.key(i));
    to += ':';
    append_pair(to, view.upper(i));
    if (!form.bounded) continue;
    to += ':';
    append_slack(to, load<std::uint16_t>(state + view.slack_at(i)));
  }
  return to;
}

std::string affinity_exact_part(const char* state, std::size_t size) {
  const AffinityView view(state);
  if (!view.form().bounded) return affinity_to_text(state, size);
  std::string to = heading(view.form());
  to += " bounded total=";
  append_pair(to, view.total());
  return to;
}

std::string affinity_from_text(std::string_view text) {
  TextReader in(text, kType);
  AffinityContents contents;
  AffinityForm& form = contents.form;
  in.expect("affinity:");
  in.expect(std::to_string(kAffinityVersion) + " ");
  form.bigint = in.accept("bigint");
  if (!form.bigint) in.expect("text");
  form.sums = in.accept(" sums");
  if (!form.sums) in.expect(" counts");
  form.bounded = in.accept(" bounded total=");
  if (form.bounded) {
    contents.total = in.pair();
    in.expect(" error=");
    contents.error = in.pair();
  } else {
    in.expect(" exact");
  }
  in.expect(" keys=");
  std::deque<std::string> memory;
  do {
    if (contents.entries.size() == kAffinityMaxKeys) in.fail("fewer keys, before this");
    AffinityEntry entry{};
    entry.key = read_key(in, form.bigint, &memory.emplace_back());
    in.expect(":");
    entry.upper = form.sums ? in.pair() : static_cast<double>(in.integer(0, UINT32_MAX));
    if (form.bounded) {
      in.expect(":");
      entry.slack = read_slack(in);
    }
    contents.entries.push_back(entry);
  } while (in.accept(","));
  in.expect_end();
  std::string bytes(contents.size(), '\0');
  contents.write(bytes.data());
  affinity_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

}  // namespace persona
