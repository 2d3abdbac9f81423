#include "flow/html.hpp"

#include <algorithm>
#include <cstdint>

#include "core/utf8.hpp"

namespace leaven::flow {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5d6670;--line:#dfe3e8;--ground:#f6f7f9;--card:#fff;--mark:#2f6feb;
--mark-soft:#b9cff8;--warn:#b4540a}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa4b0;--line:#2e353e;--ground:#14171b;--card:#1c2127;
--mark:#6ea0ff;--mark-soft:#33507f;--warn:#f0a35e}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.75rem;line-height:1.2;margin:8px 0 4px}
h2{font-size:1.2rem;margin:0 0 12px}
h3{font-size:1rem;margin:16px 0 4px}
p{margin:0 0 10px}
.lead{color:var(--soft);margin-bottom:20px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;margin:0 0 16px;
overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(190px,100%),1fr));gap:12px;margin:0 0 16px}
.fact{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 16px}
.fact b{display:block;font-size:1.5rem;line-height:1.25;font-variant-numeric:tabular-nums}
.fact span,.soft{color:var(--soft);font-size:.9rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;font-weight:600;color:var(--soft)}
th,td{padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.scroll{overflow-x:auto}
.bars{display:grid;grid-template-columns:minmax(5em,max-content) 1fr max-content;gap:5px 12px;align-items:center;
font-size:.92rem}
.bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:14em}
.bar{background:var(--ground);border-radius:4px;height:16px;overflow:hidden;display:flex}
.bar i{display:block;height:100%}
.was{background:var(--mark)}.new{background:var(--mark-soft)}.made{background:var(--warn)}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .35em 0 .9em}
.key i:first-child{margin-left:0}
.bars .arms{grid-column:span 2;display:grid;grid-template-columns:1fr max-content;gap:0 12px;align-items:center;line-height:1.25}
.bars .arms .bar{height:8px}.bars .arms .n{font-size:.8rem;color:var(--soft)}
.lines-key{display:flex;flex-wrap:wrap;gap:2px 16px}
.lines-key i{display:inline-block;width:1.4em;height:4px;border-radius:2px;margin-right:.45em;vertical-align:middle}
.plot{position:relative;height:190px;margin:10px 12px 44px 3.4em;font-size:.8rem;color:var(--soft);border-bottom:1px solid var(--line)}
.plot i{position:absolute;left:0;right:0;border-top:1px solid var(--line)}
.plot .y{position:absolute;right:100%;padding-right:6px;transform:translateY(50%);white-space:nowrap}
.plot .x{position:absolute;white-space:nowrap;top:100%;padding-top:3px;transform:translateX(-50%)}
.plot .what{position:absolute;top:calc(100% + 1.5em);left:0;right:0;text-align:center}
.plot svg{position:absolute;inset:0;height:100%;margin:0;overflow:visible}
.plot polyline{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
.plot .mark{position:absolute;bottom:0;border-left:2px dotted}
.plot .mark::before{content:"";position:absolute;top:-5px;left:-6px;width:6px;height:6px;border:2px solid;border-color:inherit;border-radius:50%;background:var(--card)}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:0 18px}
.panels.small{grid-template-columns:repeat(auto-fit,minmax(170px,1fr))}.panels.small .plot{height:130px}
.meanings{width:auto}.meanings td{border:0;padding:1px 14px 1px 0}
.forest,.bars,.scroll{margin-bottom:10px}.scroll td,.scroll th,.meanings td:first-child{white-space:nowrap}
.forest{font-size:.85rem}
.forest .row{display:grid;grid-template:"name track text"/minmax(0,var(--names)) minmax(0,1fr) var(--texts);gap:0 14px;align-items:center}
.forest .name{grid-area:name;text-align:right}.forest .n{grid-area:text;text-align:left}
.forest .heading{font-weight:600;color:var(--soft);padding:10px 0 2px}
.forest .track{grid-area:track;position:relative;height:26px}
.forest .track i{position:absolute;top:50%;transform:translateY(-50%)}
.forest .track .band,.forest .track .zero{top:0;height:100%;transform:none}
.forest .band{background:var(--line);opacity:.6}.forest .zero{width:1px;background:var(--ink)}
.forest .line{height:2px;min-width:1px}.forest .dot{width:9px;height:9px;margin-left:-4.5px;border-radius:50%}
.forest .point{width:1px;height:12px;background:var(--soft);margin-left:-.5px;opacity:.8}
.forest .strong{padding:4px 0}.forest .strong .name,.forest .strong .n{font-size:.95rem;font-weight:700}.forest .strong .track{height:34px}
.forest .strong .line{height:4px}.forest .strong .dot{width:14px;height:14px;margin-left:-7px}
.forest .axis{height:1.6em;color:var(--soft)}.forest .axis span{position:absolute;white-space:nowrap;transform:translateX(-50%)}
.grid{display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:8px;margin:0 0 14px}
.thumbnails{grid-template-columns:repeat(10,minmax(0,1fr));gap:4px}
.plots{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:12px;margin:0 0 18px}
.strips{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:4px 18px;margin:0 0 14px}
.strips p{margin:0 0 3px}.strips img{display:block;max-width:100%;height:auto}
figure{margin:0;min-width:0}
.marked{position:relative;display:inline-block;max-width:100%}
.marked svg{position:absolute;inset:0;width:100%;height:100%;margin:0;overflow:visible}
.marked polygon,.marked polyline{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.marked .dot{stroke-width:6;stroke-linecap:round}
.marked .hidden{stroke-opacity:.4}
figure img{display:block;max-width:100%;height:auto;border-radius:6px}
.grid img{width:100%;aspect-ratio:1;object-fit:contain;background:var(--ground)}
figure img.pixels{image-rendering:pixelated;width:100%;max-width:288px}
.grid img.pixels{max-width:none}
figcaption{font-size:.78rem;color:var(--soft);line-height:1.3;padding-top:3px;overflow:hidden;text-overflow:ellipsis;
display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical}
.first img{outline:3px solid var(--mark);outline-offset:-3px}
.ops{columns:4 210px;column-gap:24px}
.op{break-inside:avoid;padding-bottom:14px}
.op h3{margin:0}.op p{margin:0 0 4px}
svg{display:block;width:100%;height:auto;margin-top:6px}
svg rect{fill:var(--mark)}svg text{fill:var(--soft);font-size:11px}svg line{stroke:var(--line)}
pre{background:var(--ground);border:1px solid var(--line);border-radius:8px;padding:10px 12px;overflow-x:auto;
font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:0 0 10px}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
svg.series path{fill:none;stroke:var(--soft);stroke-width:1.2;vector-effect:non-scaling-stroke}
svg.series .now{stroke:var(--mark);stroke-width:1.8}svg.series .copy{opacity:.75}
svg.series .copy-1{stroke:#3a8f5c}svg.series .copy-2{stroke:#b5651d}svg.series .copy-3{stroke:#8056b3}svg.series .copy-4{stroke:#a13d63}
.series-steps{font-size:.92rem;margin:4px 0;padding-left:18px}
.series-steps .copy-1::marker{color:#3a8f5c}.series-steps .copy-2::marker{color:#b5651d}
.series-steps .copy-3::marker{color:#8056b3}.series-steps .copy-4::marker{color:#a13d63}
.fixed{color:var(--soft)}
.drawn{font-weight:600;background:color-mix(in srgb,var(--mark) 16%,transparent);border-radius:4px;padding:1px 5px}
.values{display:flex;flex-wrap:wrap;gap:2px 16px;margin:4px 0;padding:0;list-style:none;font-size:.92rem}
.step{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.2fr);gap:18px;align-items:start}
.step img{background:var(--ground);border:1px solid var(--line)}
.warn{color:var(--warn)}
details summary{cursor:pointer;color:var(--soft)}
footer{color:var(--soft);font-size:.85rem;text-align:center;margin-top:24px}
@media(max-width:620px){main{padding:16px 10px 40px}section{padding:14px}.step{grid-template-columns:1fr}
.grid{grid-template-columns:repeat(3,minmax(0,1fr))}.plots,.strips{grid-template-columns:1fr}.bars .name{max-width:8em}
.forest .row{grid-template:"name text" "track track"/1fr max-content;padding:3px 0}.forest .name{text-align:left}}
@media print{body{background:#fff}section,.fact{break-inside:avoid}}
)css";

/// ASCII that means itself.
bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"' && c != '\''; }

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    // Pictures are megabytes of base64, all of it plain.
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    escaped += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_length(text);
    const char c = text[0];
    if (length == 0)
      escaped += kReplacement;
    else if (length > 1)
      escaped += text.substr(0, length);
    else if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
      escaped += kReplacement;
    else
      escaped += c;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return escaped;
}

std::string data_uri(std::string_view media_type, std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string uri = "data:" + std::string(media_type) + ";base64,";
  uri.reserve(uri.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < here ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) uri += j <= here ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return uri;
}

void HtmlWriter::open(std::string_view tag, Attributes attributes) {
  html_.append("<").append(tag);
  for (const auto& [name, value] : attributes)
    html_.append(" ").append(name).append("=\"").append(html_escaped(value)).append("\"");
  html_ += '>';
}

HtmlWriter& HtmlWriter::close(std::string_view tag) {
  html_.append("</").append(tag).append(">");
  return *this;
}

HtmlWriter& HtmlWriter::element(std::string_view tag, Attributes attributes, std::string_view text) {
  open(tag, attributes);
  html_ += html_escaped(text);
  return close(tag);
}

HtmlWriter& HtmlWriter::single(std::string_view tag, Attributes attributes) {
  open(tag, attributes);
  html_.back() = '/';  // without it, what follows a shape of SVG would lie inside the shape, and not be drawn
  html_ += '>';
  return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
  html_ += html_escaped(text);
  return *this;
}

HtmlWriter& HtmlWriter::markup(std::string_view html) {
  html_ += html;
  return *this;
}

std::string html_page(std::string_view title, std::string_view body) {
  HtmlWriter page;
  page.markup("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
  page.markup("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
  page.element("title", title);
  page.markup("<style>").markup(kStyle).markup("</style></head>\n<body><main>\n");
  page.markup(body);
  page.markup("\n</main></body></html>\n");
  return page.take();
}

}  // namespace leaven::flow
