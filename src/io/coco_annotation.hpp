// One entry of COCO's lists and what it means: annotations, images, categories.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "io/mender.hpp"

namespace leaven::io {

using OrderedJson = nlohmann::ordered_json;  ///< fields that are carried along keep their order

/// Two members as an image's size; nothing unless both are whole numbers.
std::optional<Size> size_in(const OrderedJson& json, const char* width, const char* height);
/// An id as a text, whether the file writes it as a number or in quotes.
std::string coco_id(std::string_view json_value);

/// Throws Error(data), without a place, for text that is no annotation, or an unknown category.
void read_coco_annotation(std::string_view text, const std::map<std::string, std::uint32_t>& categories, Size image,
                          Mender& mender, Annotations& to);
/// Without the fields of an image that the dataset tells otherwise: the JSON for Annotations::extra.
std::string coco_image_extra(std::string_view text);
/// Its width and height, where it has both.
std::optional<Size> coco_image_size(std::string_view text);
Category read_coco_category(std::string_view text);

/// Area of what is marked, px².
double coco_area(const Instance& instance);
/// Its fields but the ids, in COCO's order, as a text that begins with a comma. `keeps_area`: the source's own number
/// still holds.
std::string coco_fields(const Instance& instance, bool keeps_area);
/// `, "key": value` for each field of a JSON object but those named.
std::string carried_fields(const std::string& extra, std::initializer_list<std::string_view> without);
/// The whole number `id` of a JSON object; nothing when it has none.
std::optional<long long> id_in(const std::string& extra);

}  // namespace leaven::io
