package preferences

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxName leaves room for what moveAside adds to a name, whose longest is 255
// bytes on every file system in use.
const maxName = 160

// fileName makes a file's name of a camera's, which its maker chose: letters,
// digits and a few signs stay, all else is %XX. One that is too long ends in
// its hash.
func fileName(camera string) string {
	var b strings.Builder
	for i := range len(camera) {
		c := camera[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '-' || c == '_' || c == ':' || c == '.' && i > 0
		if plain {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	name := b.String()
	if name == "" || len(name) > maxName {
		sum := sha256.Sum256([]byte(camera))
		name = name[:min(len(name), maxName/2)] + "%" + hex.EncodeToString(sum[:16])
	}
	return name + ".json"
}
