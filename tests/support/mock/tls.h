// TLS for the mock API server: an authority of its own, made at start, and a certificate for every host that
// a client names.
//
// So a program that is told to trust the authority (CURLOPT_CAINFO) and to connect here (CURLOPT_CONNECT_TO)
// reaches https://api.openai.com/ with nothing switched off.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace llmo::test {

class TlsAuthority {
 public:
  // Throws std::runtime_error where OpenSSL refuses.
  TlsAuthority();
  ~TlsAuthority();
  TlsAuthority(const TlsAuthority&) = delete;
  TlsAuthority& operator=(const TlsAuthority&) = delete;

  // Writes the authority's certificate (PEM). False where the file cannot be written.
  bool write_certificate(const std::string& path) const;

  // Writes what a client shows that this authority knows: its certificate and its key (PEM). False where they
  // cannot be written.
  bool write_client(const std::string& certificate_path, const std::string& key_path) const;

  // From now on who connects has to show such a certificate.
  void demand_client();

  // A TLS session on an accepted socket, handshake done; null where the peer did not want to. Threads: any.
  SSL* accept(int fd);

 private:
  struct Deleter {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Certificate = std::unique_ptr<X509, Deleter>;

  static int choose_certificate(SSL* ssl, int* alert, void* self);
  X509* certificate_for(const std::string& host);
  Certificate sign(const std::string& host, bool is_authority) const;

  std::unique_ptr<EVP_PKEY, Deleter> key_;  // of the authority and of all hosts
  Certificate authority_;
  std::unique_ptr<SSL_CTX, Deleter> context_;
  std::mutex mutex_;  // guards the one below
  std::map<std::string, Certificate> of_hosts_;
};

}  // namespace llmo::test
