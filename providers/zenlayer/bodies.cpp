#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "providers/zenlayer/mapping.h"
#include "providers/zenlayer/vocabulary.h"

namespace bwgw::zenlayer {
namespace {

constexpr std::size_t kMaxIds =
    100;  // of one filter, as sibling actions allow; beyond it we filter ourselves

// A JSON object written member by member; what is not said is left out, never null.
class Body {
public:
    Body() : writer_(buffer_) { writer_.StartObject(); }

    Body& text(std::string_view key, std::string_view value) {
        name(key);
        string(value);
        return *this;
    }
    Body& number(std::string_view key, std::int64_t value) {
        name(key);
        writer_.Int64(value);
        return *this;
    }
    Body& texts(std::string_view key, const std::vector<std::string>& values) {
        name(key);
        writer_.StartArray();
        for (const auto& value : values) string(value);
        writer_.EndArray();
        return *this;
    }
    Body& promotion(const std::optional<Promotion>& promotion) {
        if (!promotion) return *this;
        name("marketingInfo");
        writer_.StartObject();
        if (!promotion->code.empty()) text("discountCode", promotion->code);
        if (promotion->use_voucher) {
            name("usePocVoucher");
            writer_.Bool(true);
        }
        writer_.EndObject();
        return *this;
    }
    std::string end() {
        writer_.EndObject();
        return {buffer_.GetString(), buffer_.GetSize()};
    }

private:
    void name(std::string_view key) { writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size())); }
    void string(std::string_view value) {
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }

    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

std::string_view charge_type(BillingModel model) {
    return translation::theirs(kBillingModels, model).value_or("");  // the profile offers no other
}

}  // namespace

std::string create_body(const Order& order) {
    Body body;
    body.text("vpcId", order.network_id)
        .text("internetChargeType", charge_type(order.billing.model))
        .text("crossRegionBandwidthName", TaggedName{order.name, order.marker}.text())
        .text("regionA", order.ends.a)
        .text("regionZ", order.ends.b)
        .number("bandwidth", order.bandwidth_mbps);
    if (order.burst_mbps) body.number("bandwidthCap", *order.burst_mbps);
    return body.promotion(order.promotion).end();
}

std::string list_body(const Query& query, const Settings& settings, std::int64_t page_number) {
    Body body;
    if (query.scope) {
        body.text("vpcId", *query.scope);
    } else if (settings.networks.size() == 1) {
        body.text("vpcId", settings.networks.front());
    }
    if (!query.native_ids.empty() && query.native_ids.size() <= kMaxIds)
        body.texts("crossRegionBandwidthIds", query.native_ids);
    return body.number("pageSize", settings.page_size).number("pageNum", page_number).end();
}

std::string resize_body(const std::string& id, const Resize& to) {
    Body body;
    body.text("crossRegionBandwidthId", id).number("bandwidth", to.bandwidth_mbps);
    if (to.burst_mbps) body.number("bandwidthCap", *to.burst_mbps);
    return body.end();
}

std::string rename_body(const std::string& id, const Rename& to) {
    return Body()
        .texts("crossRegionBandwidthIds", {id})
        .text("crossRegionBandwidthName", TaggedName{to.name, to.marker}.text())
        .end();
}

std::string id_body(const std::string& id) {
    return Body().text("crossRegionBandwidthId", id).end();
}

std::string price_body(const Order& order) {
    return Body()
        .text("internetChargeType", charge_type(order.billing.model))
        .text("regionA", order.ends.a)
        .text("regionZ", order.ends.b)
        .number("bandwidth", order.bandwidth_mbps)
        .promotion(order.promotion)
        .end();
}

std::string resize_price_body(const std::string& id, const Resize& to) {
    return Body().text("crossRegionBandwidthId", id).number("bandwidth", to.bandwidth_mbps).end();
}

}  // namespace bwgw::zenlayer
