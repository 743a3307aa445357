// Package greeting greets.
package greeting

import "example.com/Words"

// To greets somebody.
func To(name string) string {
	return words.Hello + ", " + name + "!"
}
