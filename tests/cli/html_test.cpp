#include "flow/html.hpp"

#include <gtest/gtest.h>

#include <string>

namespace leaven::flow {
namespace {

TEST(HtmlEscaped, LeavesPlainTextAlone) {
  EXPECT_EQ(html_escaped("cat/x_aug1.jpg\t(é, 猫, 😀)\n"), "cat/x_aug1.jpg\t(é, 猫, 😀)\n");
}

TEST(HtmlEscaped, TakesTheMeaningFromMarkup) {
  EXPECT_EQ(html_escaped("<script>alert('a\"b')</script>&amp;"),
            "&lt;script&gt;alert(&#39;a&quot;b&#39;)&lt;/script&gt;&amp;amp;");
}

TEST(HtmlEscaped, ReplacesWhatIsNoUtf8) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(html_escaped("a\xFFz"), "a" + replacement + "z");
  EXPECT_EQ(html_escaped("\xC0\xAF"), replacement + replacement);                                      // overlong '/'
  EXPECT_EQ(html_escaped("\xED\xA0\x80"), replacement + replacement + replacement);                    // a surrogate
  EXPECT_EQ(html_escaped("\xF4\x90\x80\x80"), replacement + replacement + replacement + replacement);  // above U+10FFFF
  EXPECT_EQ(html_escaped("ok\xE7\x8C"), "ok" + replacement + replacement);                             // cut off
  EXPECT_EQ(html_escaped(std::string_view("a\0b\x1b", 4)), "a" + replacement + "b" + replacement);
}

TEST(DataUri, IsBase64WithPadding) {
  // RFC 4648, section 10.
  EXPECT_EQ(data_uri("text/plain", ""), "data:text/plain;base64,");
  EXPECT_EQ(data_uri("text/plain", "f"), "data:text/plain;base64,Zg==");
  EXPECT_EQ(data_uri("text/plain", "fo"), "data:text/plain;base64,Zm8=");
  EXPECT_EQ(data_uri("text/plain", "foo"), "data:text/plain;base64,Zm9v");
  EXPECT_EQ(data_uri("text/plain", "foobar"), "data:text/plain;base64,Zm9vYmFy");
  EXPECT_EQ(data_uri("image/png", "\xFF\xFE\xFD"), "data:image/png;base64,//79");
}

TEST(HtmlWriter, NestsAndEscapesTextAndAttributes) {
  HtmlWriter page;
  page.element("div", {{"title", "a\"b"}}, [&] {
    page.element("p", "1 < 2").single("img", {{"alt", "<x>"}}).text("&");
  });
  EXPECT_EQ(page.take(), "<div title=\"a&quot;b\"><p>1 &lt; 2</p><img alt=\"&lt;x&gt;\"/>&amp;</div>");
}

TEST(HtmlPage, NeedsNothingFromOutside) {
  const std::string page = html_page("A <title>", "<p>body</p>");
  EXPECT_NE(page.find("<title>A &lt;title&gt;</title>"), std::string::npos);
  EXPECT_NE(page.find("<p>body</p>"), std::string::npos);
  for (const char* outside : {"http:", "https:", "@import", "url(", "<script", "<link"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
}

}  // namespace
}  // namespace leaven::flow
