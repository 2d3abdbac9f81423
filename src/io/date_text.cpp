#include "io/date_text.hpp"

#include <cstddef>

namespace leaven::io {

namespace {

/// Takes things off the front of a text.
class Front {
 public:
  explicit Front(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// A number of exactly `digits` digits in [lo, hi].
  bool number(std::size_t digits, int lo, int hi) {
    if (rest_.size() < digits) return false;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value >= lo && value <= hi;
  }
  void digits() {
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') rest_.remove_prefix(1);
  }
  char at(std::size_t i) const { return i < rest_.size() ? rest_[i] : '\0'; }

 private:
  std::string_view rest_;
};

bool day(Front& text) {
  if (const char mark = text.at(4); mark == '-' || mark == '/')
    return text.number(4, 0, 9999) && text.take(mark) && text.number(2, 1, 12) && text.take(mark) && text.number(2, 1, 31);
  const char mark = text.at(2);
  if (mark != '.' && mark != '/' && mark != '-') return false;
  // Which of the two is the month is another question.
  return text.number(2, 1, 31) && text.take(mark) && text.number(2, 1, 31) && text.take(mark) && text.number(4, 0, 9999);
}

bool time(Front& text) {
  if (!text.number(2, 0, 23) || !text.take(':') || !text.number(2, 0, 59)) return false;
  if (!text.take(':')) return true;
  if (!text.number(2, 0, 60)) return false;
  if (text.take('.') || text.take(',')) text.digits();
  return true;
}

bool zone(Front& text) {
  text.take(' ');
  if (text.take('Z')) return true;
  if (!text.take('+') && !text.take('-')) return false;
  if (!text.number(2, 0, 14)) return false;
  text.take(':');
  return text.number(2, 0, 59);
}

}  // namespace

bool is_date(std::string_view text) {
  Front front(text);
  if (!day(front)) return false;
  if (front.done()) return true;
  if (!front.take('T') && !front.take(' ')) return false;
  return time(front) && (front.done() || (zone(front) && front.done()));
}

}  // namespace leaven::io
