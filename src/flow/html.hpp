// A small writer of HTML pages: everything that is text is escaped, every element is closed.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace leaven::flow {

/// & < > " ' as entities; bytes that are no UTF-8 as U+FFFD; control characters, which HTML forbids, as U+FFFD too.
std::string html_escaped(std::string_view text);
/// "data:image/png;base64,…".
std::string data_uri(std::string_view media_type, std::string_view bytes);

class HtmlWriter {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// An element around what `inside` writes.
  template <std::invocable F>
  HtmlWriter& element(std::string_view tag, Attributes attributes, F&& inside) {
    open(tag, attributes);
    inside();
    return close(tag);
  }
  template <std::invocable F>
  HtmlWriter& element(std::string_view tag, F&& inside) {
    return element(tag, {}, std::forward<F>(inside));
  }
  /// An element around text.
  HtmlWriter& element(std::string_view tag, Attributes attributes, std::string_view text);
  HtmlWriter& element(std::string_view tag, std::string_view text) { return element(tag, {}, text); }
  /// An element without an end: img, br, meta, and SVG's shapes.
  HtmlWriter& single(std::string_view tag, Attributes attributes);
  HtmlWriter& text(std::string_view text);
  /// Markup that the program itself wrote.
  HtmlWriter& markup(std::string_view html);

  std::size_t size() const { return html_.size(); }
  std::string take() { return std::move(html_); }

 private:
  void open(std::string_view tag, Attributes attributes);
  HtmlWriter& close(std::string_view tag);

  std::string html_{};
};

/// A whole page with the house's style sheet around `body` (markup): self-contained, light and dark, narrow and wide.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace leaven::flow
