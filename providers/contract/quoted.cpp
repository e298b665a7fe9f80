#include "providers/contract/quoted.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "providers/contract/bytes.h"

namespace bwgw {

void append_quoted(std::string& json, std::string_view text) {
    const auto as_it_is = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    };
    if (all_bytes(text, as_it_is)) {
        json += '"';
        json += text;
        json += '"';
        return;
    }
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer>(buffer).String(text.data(),
                                                              static_cast<rapidjson::SizeType>(text.size()));
    json.append(buffer.GetString(), buffer.GetSize());
}

}  // namespace bwgw
