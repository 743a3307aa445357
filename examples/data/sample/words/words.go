// Package words holds words.
package words

// Hello begins a greeting.
const Hello = "Hello"
