// How secrets begin and what they are called. Tables only; secrets.h says what is done with them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace llmo::genai {

// How the keys of the providers begin. Short ones would also take ordinary words, so a key needs a tail and
// has to begin where a word begins.
inline constexpr std::string_view kKeyPrefixes[] = {
    "sk-",     // OpenAI, Anthropic, DeepSeek, OpenRouter
    "sk_",     // Stripe
    "pk-",     // Langfuse
    "pk_",     //
    "rk-",     //
    "rk_",     //
    "csk-",    // Cerebras
    "sess-",   // OpenAI session keys
    "pcsk_",   // Pinecone
    "gsk_",    // Groq
    "xai-",    // xAI
    "pplx-",   // Perplexity
    "hf_",     // Hugging Face
    "fw_",     // Fireworks
    "tgp_",    // Together
    "nvapi-",  // NVIDIA
    "r8_",     // Replicate
    "pa-",     // Voyage
    "jina_",   // Jina
    "tvly-",   // Tavily
    "lsv2_",   // LangSmith
    "whsec_",  //
    "AIza",    // Google
    "AQ.",     // Google, Vertex express mode
    "ya29.",   // Google access tokens
    "GOCSPX-",
    "AKIA",  // AWS access key ids
    "ASIA",  //
    "ABSK",  // AWS Bedrock
    "bedrock-api-key-",
    "ghp_",  // GitHub
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",  // GitLab
    "xoxb-",   // Slack
    "xoxp-",
    "xapp-",
    "npm_",
    "dapi",  // Databricks
    "eyJ",   // JSON web tokens
};
inline constexpr std::size_t kMinKeyTail = 12;

// Names are compared without their separators and in lower case.
//
// Headers whose whole line is a secret.
inline constexpr std::string_view kSecretHeaders[] = {
    "authorization",
    "proxyauthorization",
    "cookie",
    "setcookie",
};
// Words that are names of secrets in a URL or a list of headers only; in a text they are words like others.
inline constexpr std::string_view kShortSecretNames[] = {
    "key", "sig", "auth", "pass", "sas", "code", "sid",
};
inline constexpr std::string_view kSecretNames[] = {
    "pwd",
    "jwt",
    "awsaccesskeyid",
    "connectionstring",
};
inline constexpr std::string_view kSecretEndings[] = {
    "apikey",     "accesskey",  "accesskeyid", "secretkey", "privatekey", "subscriptionkey", "functionskey",
    "accountkey", "signingkey", "masterkey",   "adminkey",  "saskey",     "token",           "secret",
    "password",   "passwd",     "passphrase",  "signature", "credential", "credentials",     "sessionkey",
    "authkey",    "licensekey", "sessionid",   "sessid",    "accesscode",
};

// What announces a secret in a sentence.
inline constexpr std::string_view kSecretPhrases[] = {
    "api key ",      "api key:",      "api token ",  "api token:",
    "access token ", "access token:", "secret key ", "secret key:",
};

}  // namespace llmo::genai
