#include "tests/support/mock/tls.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cctype>
#include <cstdio>
#include <stdexcept>

namespace llmo::test {
namespace {

constexpr long kDay = 24 * 60 * 60;
constexpr const char* kAuthorityName = "Mock Authority";
constexpr const char* kLoopback = "localhost";  // what a client that names no host meant

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("cannot make the extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void set_name(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
}

// Goes into a certificate, so it is not taken as it comes.
bool is_host_name(const std::string& host) {
  for (const char byte : host) {
    if (std::isalnum(static_cast<unsigned char>(byte)) == 0 && byte != '-' && byte != '.') return false;
  }
  return !host.empty() && host.size() < 64;
}

std::string alternative_names(const std::string& host) {
  return "DNS:" + host + (host == kLoopback ? ",IP:127.0.0.1,IP:::1" : "");
}

// `write` returns 1 where it could.
template <typename Write>
bool write_file(const std::string& path, Write&& write) {
  std::FILE* const file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return false;
  const bool written = write(file) == 1;
  return std::fclose(file) == 0 && written;
}

}  // namespace

TlsAuthority::TlsAuthority() : key_(EVP_EC_gen("P-256")), context_(SSL_CTX_new(TLS_server_method())) {
  if (key_ == nullptr || context_ == nullptr) throw std::runtime_error("no key or no TLS context");
  authority_ = sign(kAuthorityName, true);
  SSL_CTX_use_PrivateKey(context_.get(), key_.get());
  SSL_CTX_use_certificate(context_.get(), certificate_for(kLoopback));
  SSL_CTX_set_tlsext_servername_callback(context_.get(), &choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context_.get(), this);
}

TlsAuthority::~TlsAuthority() = default;

TlsAuthority::Certificate TlsAuthority::sign(const std::string& host, bool is_authority) const {
  static std::atomic<long> serial{0};
  Certificate certificate(X509_new());
  X509* const made = certificate.get();
  X509* const issuer = is_authority ? made : authority_.get();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(made), 7 * kDay);
  X509_set_pubkey(made, key_.get());
  set_name(X509_get_subject_name(made), host);
  X509_set_issuer_name(made, X509_get_subject_name(issuer));
  add_extension(made, issuer, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!is_authority) add_extension(made, issuer, NID_subject_alt_name, alternative_names(host));
  if (X509_sign(made, key_.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign a certificate");
  return certificate;
}

X509* TlsAuthority::certificate_for(const std::string& host) {
  const std::lock_guard lock(mutex_);
  Certificate& found = of_hosts_[host];
  if (found == nullptr) found = sign(host, false);
  return found.get();
}

int TlsAuthority::choose_certificate(SSL* ssl, int*, void* self) {
  const char* const host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (host == nullptr || !is_host_name(host)) return SSL_TLSEXT_ERR_NOACK;
  SSL_use_certificate(ssl, static_cast<TlsAuthority*>(self)->certificate_for(host));
  return SSL_TLSEXT_ERR_OK;
}

bool TlsAuthority::write_certificate(const std::string& path) const {
  return write_file(path, [this](std::FILE* file) { return PEM_write_X509(file, authority_.get()); });
}

bool TlsAuthority::write_client(const std::string& certificate_path, const std::string& key_path) const {
  const Certificate client = sign("client", false);
  return write_file(certificate_path, [&](std::FILE* file) { return PEM_write_X509(file, client.get()); }) &&
         write_file(key_path, [this](std::FILE* file) {
           return PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
         });
}

void TlsAuthority::demand_client() {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority_.get());
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

SSL* TlsAuthority::accept(int fd) {
  SSL* const ssl = SSL_new(context_.get());
  SSL_set_fd(ssl, fd);
  if (SSL_accept(ssl) == 1) return ssl;
  SSL_free(ssl);
  return nullptr;
}

}  // namespace llmo::test
