#include "tests/upstream/vendor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace bwgw::test {

Act answer(std::string body, int status, std::string headers) {
    return {"HTTP/1.1 " + std::to_string(status) + " Any\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n" + headers + "\r\n" + body,
            Act::After::keep};
}

namespace {

void add_extension(X509* certificate, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    if (!extension) throw std::runtime_error("certificate extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace

Certificate::Certificate() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    key_ = {key, [](void* owned) { EVP_PKEY_free(static_cast<EVP_PKEY*>(owned)); }};
    X509* certificate = X509_new();
    certificate_ = {certificate, [](void* owned) { X509_free(static_cast<X509*>(owned)); }};
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("vendor"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    X509_sign(certificate, key, EVP_sha256());

    std::string path = "/tmp/bwgw-vendor-XXXXXX";
    const int fd = mkstemp(path.data());
    FILE* file = fdopen(fd, "w");
    PEM_write_X509(file, certificate);
    fclose(file);
    file_ = path;
}

Certificate::~Certificate() {
    unlink(file_.c_str());
}

std::shared_ptr<SSL_CTX> Certificate::server(int newest, const char* ciphers) const {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), 0);
    SSL_CTX_set_max_proto_version(context.get(), newest);
    if (ciphers) SSL_CTX_set_cipher_list(context.get(), ciphers);
    SSL_CTX_use_certificate(context.get(), static_cast<X509*>(certificate_.get()));
    SSL_CTX_use_PrivateKey(context.get(), static_cast<EVP_PKEY*>(key_.get()));
    return context;
}

Vendor::Vendor(std::function<Act(const Seen&)> script, std::shared_ptr<SSL_CTX> tls)
    : script_(std::move(script)),
      tls_(std::move(tls)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::signal(SIGPIPE, SIG_IGN);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 512) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

Vendor::~Vendor() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    close(listener_);
}

std::string Vendor::url(const std::string& path) const {
    return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + path;
}

std::vector<Seen> Vendor::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

void Vendor::accept_all() {
    for (;;) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const int connection = accepted_++;
        const std::lock_guard lock(mutex_);
        open_.push_back(fd);
        threads_.emplace_back([this, fd, connection] { serve(fd, connection); });
    }
}

void Vendor::serve(int fd, int connection) {
    bool reset = resetting_;
    char first = 0;
    if (reset) {
        (void)!recv(fd, &first, 1, MSG_PEEK);
    } else {
        SSL* tls = tls_ ? SSL_new(tls_.get()) : nullptr;
        if (tls) SSL_set_fd(tls, fd);
        if (!tls || SSL_accept(tls) == 1) {
            while (true) {
                bool again = false;
                try {
                    again = converse(fd, tls, connection);
                } catch (const std::system_error&) {
                    reset = true;
                }
                if (!again) break;
            }
        }
        SSL_free(tls);
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    const linger at_once{1, 0};
    if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

// One request and its answer; true if another may follow. Throws std::system_error to have the connection
// reset.
bool Vendor::converse(int fd, SSL* tls, int connection) {
    std::string text;
    const auto more = [&] {
        std::array<char, 16384> bytes;
        const auto count =
            tls ? SSL_read(tls, bytes.data(), bytes.size()) : recv(fd, bytes.data(), bytes.size(), 0);
        if (count > 0) text.append(bytes.data(), static_cast<std::size_t>(count));
        return count > 0;
    };
    auto end = std::string::npos;
    while ((end = text.find("\r\n\r\n")) == std::string::npos)
        if (!more()) return false;
    Seen request{connection, text.substr(0, end + 2), {}};
    std::string lower = request.head;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto length = lower.find("\r\ncontent-length: ");
    const std::size_t expected = length == std::string::npos
                                     ? 0
                                     : std::stoul(lower.substr(length + sizeof "\r\ncontent-length: " - 1));
    while (text.size() < end + 4 + expected)
        if (!more()) return false;
    request.body = text.substr(end + 4, expected);
    {
        const std::lock_guard lock(mutex_);
        seen_.push_back(request);
    }
    const Act act = script_(request);
    for (std::size_t sent = 0; sent < act.bytes.size();) {
        const auto left = act.bytes.size() - sent;
        const auto count = tls ? SSL_write(tls, act.bytes.data() + sent, static_cast<int>(left))
                               : send(fd, act.bytes.data() + sent, left, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    if (act.after == Act::After::reset) throw std::system_error(ECONNRESET, std::generic_category());
    while (act.after == Act::After::hang && more()) {
    }
    return act.after == Act::After::keep;
}

}  // namespace bwgw::test
