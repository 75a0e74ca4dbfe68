package inventory

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table is for people: a line for each image and way of pulling it.
type Table struct {
	Width int // of the terminal, in characters; 0: as wide as the text
}

var headings = []string{"IMAGE", "POLICY", "SECRETS", "USED BY"}

// Write implements [Format].
func (t Table) Write(w io.Writer, images []Image) error {
	rows := [][]string{headings}
	for i := range images {
		rows = append(rows, rowsOf(&images[i])...)
	}
	widths := widthsOf(rows)
	if t.Width > 0 && lineWidth(widths) > t.Width {
		for _, row := range rows {
			row[0] = withShortDigest(row[0])
		}
		widths = widthsOf(rows)
		t.fit(widths)
	}
	out := bufio.NewWriter(w)
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			cell = shortened(cell, widths[i], i == 0)
			line += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	return out.Flush()
}

// rowsOf puts uses with the same policy and secrets on one line.
func rowsOf(image *Image) [][]string {
	type way struct{ policy, secrets string }
	var ways []way
	users := map[way][]string{}
	for _, u := range image.Uses {
		var a way
		a.policy = u.Policy
		switch {
		case u.Due != "" && u.Due != u.Policy:
			a.policy += " → " + u.Due
		case u.Due != "":
			a.policy += " (not set)"
		case a.policy == "":
			a.policy = "not known"
		}
		now, due := names(u.Secrets)
		for _, name := range due {
			now = append(now, "+"+name)
		}
		if a.secrets = strings.Join(now, ", "); a.secrets == "" {
			a.secrets = "-"
		}
		if users[a] == nil {
			ways = append(ways, a)
		}
		if name := u.Object[strings.IndexByte(u.Object, ' ')+1:]; !slices.Contains(users[a], name) {
			users[a] = append(users[a], name)
		}
	}
	var rows [][]string
	for _, a := range ways {
		rows = append(rows, []string{visible(image.Image), visible(a.policy), visible(a.secrets), visible(strings.Join(users[a], ", "))})
	}
	return rows
}

func widthsOf(rows [][]string) []int {
	widths := make([]int, len(headings))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// lineWidth counts two blanks between columns.
func lineWidth(widths []int) int {
	sum := 2 * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// fit takes width away from the widest columns until the table fits.
func (t Table) fit(widths []int) {
	const least = 8
	for lineWidth(widths) > t.Width {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= least {
			return
		}
		widths[widest]--
	}
}

// withShortDigest leaves so much of an image's digest as people compare.
func withShortDigest(image string) string {
	const enough = 12
	name, digest, ok := strings.Cut(image, "@sha256:")
	if ok && len(digest) > enough {
		return name + "@sha256:" + digest[:enough] + "…"
	}
	return image
}

// shortened cuts a text; that of an image in front, because its end tells more.
func shortened(s string, width int, front bool) string {
	runes := []rune(s)
	switch {
	case len(runes) <= width:
		return s
	case front:
		return "…" + string(runes[len(runes)-width+1:])
	}
	return string(runes[:width-1]) + "…"
}

// visible takes control characters out of a text that comes from a file, which
// could else speak to the terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '�'
		}
		return r
	}, s)
}
