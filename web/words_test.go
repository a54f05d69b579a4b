package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// wordTables reads the tables of words: language, key, text.
func wordTables(t *testing.T) map[string]map[string]string {
	t.Helper()
	begin := regexp.MustCompile(`(?m)^(?:const ENGLISH|export const WORDS) = \{$`)
	entry := regexp.MustCompile(`^  '([^']+)': '([^']*)',$`)
	files, tables := pageSources(t), map[string]map[string]string{}
	for name, source := range files {
		language := "en"
		if name != "words.js" {
			var ok bool
			if language, ok = strings.CutPrefix(strings.TrimSuffix(name, ".js"), "words-"); !ok {
				continue
			}
			if !strings.Contains(files["words.js"], "  "+language+": () => import('./"+name+"'),") {
				t.Errorf("words.js never loads %s", name)
			}
		}
		table := map[string]string{}
		at := begin.FindStringIndex(source)
		body, _, ok := strings.Cut(source[at[1]:], "\n};")
		if !ok {
			t.Fatalf("%s: the table has no end", name)
		}
		for line := range strings.Lines(body) {
			if line = strings.TrimSuffix(line, "\n"); line == "" {
				continue
			}
			m := entry.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("%s: %q is no entry of a table", name, line)
			}
			if _, twice := table[m[1]]; twice {
				t.Errorf("%s has %q twice", name, m[1])
			}
			table[m[1]] = m[2]
		}
		tables[language] = table
	}
	return tables
}

// TestLanguages: each language says all that English does, with the same values in
// it, and nothing else but names of settings, which drivers have in English.
func TestLanguages(t *testing.T) {
	tables := wordTables(t)
	english := tables["en"]
	if len(tables) < 2 || len(english) < 60 {
		t.Fatalf("%d languages, %d English texts: does the pattern still match?", len(tables), len(english))
	}
	value := regexp.MustCompile(`\{\d\}`)
	for language, table := range tables {
		for key, words := range english {
			got, ok := table[key]
			want, have := value.FindAllString(words, -1), value.FindAllString(got, -1)
			slices.Sort(want)
			slices.Sort(have)
			if !ok || (got == "") != (words == "") || !slices.Equal(have, want) {
				t.Errorf("%s says %q for %q, want what English says: %q", language, got, key, words)
			}
		}
		for key := range table {
			if _, ok := english[key]; !ok && !strings.HasPrefix(key, "setting.") {
				t.Errorf("%s has %q, which English has not", language, key)
			}
		}
	}
}

// TestWordsAreUsed: the scripts and the page ask for no text that there is not, and
// the tables have none that nobody asks for.
func TestWordsAreUsed(t *testing.T) {
	english := wordTables(t)["en"]
	asked := map[string]bool{}
	literal := regexp.MustCompile(`\b(?:text|offer)\((?:[^'()]*, |[a-z]+\('[^']*'\), )?'([a-z][^']*)'`)
	static := regexp.MustCompile(`data-(?:text|label)="([^"]+)"`)
	quoted := regexp.MustCompile(`'([a-z][^'\n]*)'`)
	for name, source := range pageSources(t) {
		for _, key := range append(all(literal, source), all(static, source)...) {
			if _, ok := english[key]; !ok && name != "words.js" {
				t.Errorf("%s asks for the text %q, which words.js has not", name, key)
			}
			asked[key] = true
		}
		if strings.HasSuffix(name, ".js") && !strings.HasPrefix(name, "words") {
			for _, key := range all(quoted, source) {
				asked[key] = true // it may be chosen before it is asked for
			}
		}
	}
	// What is said of a state is put together at run time.
	state := regexp.MustCompile(`^(connecting|opening|waiting|live|lost|gone|full|failed|paused)\b`)
	for _, key := range slices.Sorted(maps.Keys(english)) {
		if !asked[key] && !state.MatchString(key) {
			t.Errorf("nobody asks for the text %q", key)
		}
	}
}

// TestPageSaysNothingItself: what a person reads of index.html comes from words.js,
// and what stands there until that has run is the same.
func TestPageSaysNothingItself(t *testing.T) {
	english := wordTables(t)["en"]
	index := pageSources(t)["index.html"]
	_, body, _ := strings.Cut(index, "<body>")
	body = regexp.MustCompile(`(?s)<noscript>.*?</noscript>|<kbd>.</kbd>`).ReplaceAllString(body, "")
	words := regexp.MustCompile(`<([^<>]*)>([^<>]*\pL[^<>]*)<`)
	key := regexp.MustCompile(`data-text="([^"]+)"`)
	for _, m := range words.FindAllStringSubmatch(body, -1) {
		if m[2] == "pushcam" {
			continue // the same in every language
		}
		if english[strings.Join(all(key, m[1]), "")] != m[2] {
			t.Errorf("<%s> says %q, want a data-text whose English is that", m[1], m[2])
		}
	}
	if found := regexp.MustCompile(`\s(?:aria-label|title|placeholder|alt)="[^"]+"`).FindString(body); found != "" {
		t.Errorf("index.html says%s, want data-label", found)
	}
}

// TestEveryStateHasWords holds the page to its promise never to be blank.
func TestEveryStateHasWords(t *testing.T) {
	english := wordTables(t)["en"]
	sets := regexp.MustCompile(`(?:#set|#progressed)\('([a-z]+)'(?:, '([a-z]+)')?`)
	found := sets.FindAllStringSubmatch(pageSources(t)["player.js"], -1)
	if len(found) < 10 {
		t.Fatalf("found %d states in player.js: does the pattern still match?", len(found))
	}
	for _, m := range found {
		if english[m[1]] == "" || english[m[1]+".text"] == "" && m[1] != "live" {
			t.Errorf("words.js has nothing to say for the state %q", m[1])
		}
	}
}
