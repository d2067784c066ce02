package report

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// probe runs in the page after its own script: it sorts and filters as a reader
// would, and leaves what it saw in the title.
const probe = `<script>
const seen = [];
const first = (n) => document.querySelector("#cases tbody tr:not([hidden])").cells[n].textContent;
const last = (n) => [...document.querySelectorAll("#cases tbody tr:not([hidden])")].at(-1).cells[n].textContent;
const click = (n) => document.querySelectorAll("#cases thead button")[n].click();
seen.push("worst=" + first(8));
click(4); seen.push("ascending=" + first(4), "undefined last=" + last(4));
click(4); seen.push("descending=" + first(4), "undefined last=" + last(4));
const split = document.querySelectorAll(".filters select")[1];
split.value = "test"; split.dispatchEvent(new Event("input"));
seen.push("splits=" + [...new Set([...document.querySelectorAll("#cases tbody tr:not([hidden])")].map((r) => r.cells[1].textContent))]);
const search = document.getElementById("search");
search.value = "INFECTION MISSED"; search.dispatchEvent(new Event("input"));
seen.push(document.getElementById("shown").textContent);
document.title = seen.join("; ");
</script>`

func TestPageInBrowser(t *testing.T) {
	browser := os.Getenv("CTCOHORT_CHROMIUM")
	if browser == "" {
		var err error
		if browser, err = exec.LookPath("chromium"); err != nil {
			t.Skip("no chromium: install Debian's, or set CTCOHORT_CHROMIUM")
		}
	}
	page := strings.Replace(rendered(t, withFigures(t, synthetic(12, 4), 1)), "</body>", probe+"</body>", 1)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium") // not t.TempDir: the browser's children may write after it ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
		"--user-data-dir="+profile, "--dump-dom", "file://"+path)
	var log strings.Builder
	command.Stderr = &log
	out, err := command.Output()
	if err != nil {
		t.Fatalf("running the browser: %v", err)
	}
	if m := regexp.MustCompile(`.*(?:CONSOLE|Content Security Policy).*`).FindString(log.String()); m != "" {
		t.Errorf("the page says in the console: %s", m)
	}
	title := regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(string(out))
	want := `worst=0\.000; ascending=0\.9\d+; undefined last=–; descending=0\.99\d; undefined last=–; splits=test; 1 of 32 shown`
	if title == nil || !regexp.MustCompile("^"+want+"$").MatchString(title[1]) {
		t.Errorf("after sorting and filtering: %v; want %s", title, want)
	}
}
