#include "gateway/upstream/easy_handle.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <new>

#include "providers/contract/bytes.h"

namespace bwgw::upstream {

namespace {

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* data) noexcept {
    auto& exchange = *static_cast<Exchange*>(data);
    if (size > exchange.max_body_bytes - exchange.body.size()) {
        exchange.too_large = true;
        return 0;
    }
    exchange.body.append(bytes, size);
    return size;
}

std::size_t count_head(char*, std::size_t, std::size_t size, void* data) noexcept {
    auto& exchange = *static_cast<Exchange*>(data);
    exchange.head_bytes += size;
    if (exchange.head_bytes <= exchange.max_head_bytes) return size;
    exchange.too_large = true;
    return 0;
}

int about_to_send(void* data, char*, char*, int, int) noexcept {
    static_cast<Exchange*>(data)->begun = true;
    return CURL_PREREQFUNC_OK;
}

bool has(const HttpRequest& request, const char* name) {
    return std::ranges::any_of(request.headers, [&](const HttpHeader& header) {
        return strcasecmp(header.name.c_str(), name) == 0;
    });
}

}  // namespace

EasyHandles::~EasyHandles() {
    for (CURL* easy : idle_) curl_easy_cleanup(easy);
}

CURL* EasyHandles::take() {
    if (idle_.empty()) return make();
    CURL* easy = idle_.back();
    idle_.pop_back();
    return easy;
}

void EasyHandles::give_back(CURL* easy) {
    if (idle_.size() >= options_.max_kept_handles) return curl_easy_cleanup(easy);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
    curl_easy_setopt(easy, CURLOPT_CURLU, nullptr);
    idle_.push_back(easy);
}

CURL* EasyHandles::make() {
    CURL* easy = curl_easy_init();
    if (!easy) throw std::bad_alloc();
    multi_.adopt(easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // else a dropped transfer waits for its slow resolver
    curl_easy_setopt(easy, CURLOPT_PROXY, "");       // and none from the environment
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");    // which is then not looked at for exceptions either
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (!options_.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // else the system's directory stays trusted as well
    }
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &count_head);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &about_to_send);
    return easy;
}

// libcurl takes a URL apart for every transfer, and a provider's calls go to the same one.
std::shared_ptr<void> EasyHandles::aim(CURL* easy, const std::string& url) {
    if (!target_ || url != url_) {
        constexpr unsigned kAsLibcurlDoes =
            CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER | CURLU_PATH_AS_IS;
        CURLU* parts = curl_url();
        if (!parts) throw std::bad_alloc();
        target_ = {parts, [](void* target) { curl_url_cleanup(static_cast<CURLU*>(target)); }};
        if (curl_url_set(parts, CURLUPART_URL, url.c_str(), kAsLibcurlDoes) != CURLUE_OK) target_.reset();
        url_ = url;
    }
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());  // for what libcurl sends again, or finds wrong
    curl_easy_setopt(easy, CURLOPT_CURLU, target_.get());
    return target_;
}

std::shared_ptr<void> EasyHandles::headers_of(const HttpRequest& request, bool sends_body) const {
    curl_slist* lines = nullptr;
    const auto add = [&lines](const std::string& line) {
        curl_slist* longer = curl_slist_append(lines, line.c_str());
        if (!longer) curl_slist_free_all(lines);
        if (!longer) throw std::bad_alloc();
        lines = longer;
    };
    std::string line;
    const auto add_header = [&](const std::string& name, const std::string& value) {
        line = name;
        line += value.empty() ? ";" : ": ";
        add(line += value);
    };
    if (!has(request, "User-Agent")) add_header("User-Agent", options_.user_agent);
    for (const auto& [name, value] : request.headers) add_header(name, value);
    add("Expect:");  // libcurl adds nothing of its own here
    if (sends_body && !has(request, "Content-Type")) add("Content-Type:");
    return {lines, [](void* list) { curl_slist_free_all(static_cast<curl_slist*>(list)); }};
}

EasyHandles::Kept EasyHandles::prepare(CURL* easy, const HttpRequest& request, Exchange& exchange,
                                       std::chrono::milliseconds time_left) {
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     std::max(static_cast<long>(time_left.count()), 1L));  // 0: for ever
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request.write ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, request.write ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, &exchange);

    const bool sends_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (sends_body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    Kept kept{aim(easy, request.url), headers_of(request, sends_body)};
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, kept.headers.get());
    return kept;
}

bool malformed(const HttpRequest& request) {
    const auto plain = [](char c) { return !is_control(c); };
    const auto visible = [](char c) { return !is_control(c) && c != ' '; };
    const auto fits_name = [](char c) { return !is_control(c) && c != ' ' && c != ':' && c != ';'; };
    const auto well_formed = [&](const HttpHeader& header) {
        return !header.name.empty() && all_bytes(header.name, fits_name) && all_bytes(header.value, plain);
    };
    return request.method.empty() || !all_bytes(request.method, visible) ||
           !all_bytes(request.url, visible) || !std::ranges::all_of(request.headers, well_formed);
}

}  // namespace bwgw::upstream
