#include "providers/ucloud/product.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "providers/translation/fields.h"

namespace bwgw::ucloud {
namespace {

Task<translation::Page> fetch(const Client& client, const RequestContext& context, Call call,
                              const Rows& rows) {
    const auto action = call.action;
    auto reply = co_await client.call(context, std::move(call));
    if (!reply) co_return std::move(reply).failure();
    auto page = page_of(reply->body.root, rows);
    if (!page) page.failure().detail = fmt::format("{}: {}", action, page.failure().detail);
    co_return page;
}

}  // namespace

Failure unsupported(std::string_view what) {
    return {Slug::unsupported, fmt::format("this product has no {}", what)};
}

bool refused_with(const Failure& failure, std::int64_t ret_code) {
    return failure.provider_error && failure.provider_error->code == std::to_string(ret_code);
}

Task<Receipt> Product::resize(const RequestContext&, ResourceRef, Resize) {
    co_return unsupported(word(Action::resize));
}

Task<Price> Product::quote(const RequestContext&, Order) {
    co_return unsupported(word(Action::quote));
}

Task<Receipt> Product::write(const RequestContext& context, Call call, std::string_view id) const {
    auto reply = co_await client_.call(context, std::move(call));
    if (!reply) co_return std::move(reply).failure();
    Receipt receipt;
    receipt.request_id = std::move(reply->request_id);
    // RetCode 0 is the purchase, with or without a readable id.
    if (!id.empty())
        receipt.native_id =
            translation::Fields(reply->body.root, translation::Keys::any_case, "").text_if(id).value_or("");
    co_return receipt;
}

Task<Listing> Product::read(const RequestContext& context, Call call, Rows rows) const {
    call.parameters["Limit"] = std::to_string(settings_->page_size);
    const auto fetch_at = [&](translation::Cursor cursor) {
        Call at = call;
        at.parameters["Offset"] = std::to_string(cursor.offset);
        return fetch(client_, context, std::move(at), rows);
    };
    co_return co_await translation::read_whole(fetch_at, settings_->page_size);
}

Result<Listing> merged(std::vector<Result<Listing>> parts) {
    Listing whole;
    bool any_read = parts.empty();
    for (auto& part : parts) {
        auto problem = part ? std::move(part->problem) : std::optional(std::move(part.failure()));
        if (problem && !whole.problem) whole.problem = std::move(problem);
        if (!part) continue;
        any_read = true;
        std::move(part->items.begin(), part->items.end(), std::back_inserter(whole.items));
    }
    if (!any_read) return *std::move(whole.problem);
    return whole;
}

}  // namespace bwgw::ucloud
