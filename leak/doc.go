// Package leak finds what should not stand in a repository: credentials, and
// personal data, in the values of Kubernetes objects.
//
// It goes by formats that their makers publish (cloud keys, tokens, private
// keys), by passwords inside URLs and connection strings, and by names that
// promise a credential (DB_PASSWORD) together with a value that keeps the promise.
// It promises few false alarms rather than few misses: placeholders, references,
// variables, encrypted values, examples and comments are left out. It never
// returns a value, only where it stands and what it seems to be.
//
// It does not judge the values of Secret objects, which are confidential by
// definition, nor definitions of custom resources; and it does not try whether a
// credential works.
package leak
