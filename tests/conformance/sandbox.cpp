#include "tests/conformance/sandbox.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace bwgw::conformance {
namespace {

constexpr long kControlTimeoutMs = 20'000;

// One brand for each product, with two of everything that an order names.
constexpr auto kSettings = R"(
control: 127.0.0.1:0
brands:
  - {name: legacy, family: ucloud, port: 0, public_key: pk-legacy, private_key: sk-legacy, project: org-demo,
     products: [legacy], regions: [hk, sg, us-ca],
     ugns: [{id: ugn-1, regions: [hk, sg, us-ca]}, {id: ugn-2, regions: [hk, sg]}]}
  - {name: simple, family: ucloud, port: 0, public_key: pk-simple, private_key: sk-simple, project: org-demo,
     products: [simple], regions: [hk, sg, us-ca],
     ugns: [{id: ugn-1, regions: [hk, sg, us-ca]}, {id: ugn-2, regions: [hk, sg]}]}
  - {name: eip, family: ucloud, port: 0, public_key: pk-eip, private_key: sk-eip, project: org-demo,
     products: [eip], regions: [hk, sg],
     eips: [{id: eip-1, region: hk, ip: 203.0.113.1, bound: true}, {id: eip-2, region: sg, ip: 203.0.113.2, bound: true}]}
  - {name: crb, family: zenlayer, port: 0, access_key_id: ZCCONFORMANCE001, access_key_password: pw-of-zenlayer,
     regions: [{id: asia-east-1, city: hkg}, {id: europe-west-1, city: fra}, {id: na-west-1, city: lax}],
     vpcs: [{id: "1100000000000000001", name: a, regions: [asia-east-1, europe-west-1, na-west-1]},
            {id: "1100000000000000002", name: b, regions: [asia-east-1, europe-west-1]}]}
)";

std::string first_line_of(int fd) {
    std::string line;
    for (char c = 0; ::read(fd, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* into) {
    static_cast<std::string*>(into)->append(bytes, size * count);
    return size * count;
}

}  // namespace

Sandbox::Sandbox() {
    char path[] = "/tmp/conformance-XXXXXX";
    const int file = ::mkstemp(path);
    if (file < 0) throw std::runtime_error("no temporary file");
    ::close(file);
    std::ofstream(path) << kSettings;
    int out[2];
    if (::pipe(out) != 0) throw std::runtime_error("no pipe");
    process_ = ::fork();
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(out[1], STDOUT_FILENO);
        ::execl(BWGW_SANDBOX, BWGW_SANDBOX, "--config", path, nullptr);
        ::_exit(127);
    }
    ::close(out[1]);
    ready_.Parse(first_line_of(out[0]).c_str());
    ::close(out[0]);
    ::unlink(path);
    if (!ready_.IsObject()) throw std::runtime_error("bandwidth-sandbox did not start");
}

Sandbox::~Sandbox() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

std::uint16_t Sandbox::port(const std::string& brand) const {
    return static_cast<std::uint16_t>(ready_["brands"][brand.c_str()].GetUint());
}

std::string Sandbox::control(const std::string& method, const std::string& path,
                             const std::string& body) const {
    const auto url = fmt::format("http://127.0.0.1:{}{}", ready_["control"].GetUint(), path);
    std::string answer;
    CURL* const easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
    if (!body.empty()) curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, kControlTimeoutMs);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    const auto code = curl_easy_perform(easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    if (code != CURLE_OK || status != 200)
        throw std::runtime_error(fmt::format("{} {} {}: {} {}", method, path, body, status, answer));
    return answer;
}

rapidjson::Document Sandbox::get(const std::string& path) const {
    rapidjson::Document document;
    document.Parse(control("GET", path, "").c_str());
    return document;
}

void Sandbox::post(const std::string& path, const std::string& body) const {
    control("POST", path, body);
}

void Sandbox::heal() const {
    control("DELETE", "/faults", "");
}

std::size_t Sandbox::purchases(const std::string& brand) const {
    return get("/ledger?brand=" + brand)["purchases"].Size();
}

std::size_t Sandbox::requests(const std::string& brand, const std::string& action) const {
    return get(fmt::format("/requests?brand={}{}", brand,
                           action.empty() ? "" : "&action=" + action))["requests"]
        .Size();
}

}  // namespace bwgw::conformance
