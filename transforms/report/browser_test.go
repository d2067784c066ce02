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

// tableProbe runs in the page after its own scripts: it sorts and filters as a
// reader would, and leaves what it saw in the title.
const tableProbe = `
const first = (n) => document.querySelector("#cases tbody tr:not([hidden])").cells[n].textContent;
const last = (n) => [...document.querySelectorAll("#cases tbody tr:not([hidden])")].at(-1).cells[n].textContent;
const click = (n) => document.querySelectorAll("#cases thead button")[n].click();
seen.push("worst=" + first(8));
click(4); seen.push("ascending=" + first(4), "undefined last=" + last(4));
click(4); seen.push("descending=" + first(4), "undefined last=" + last(4));
const split = document.querySelectorAll("#patients .filters select")[1];
split.value = "test"; split.dispatchEvent(new Event("input"));
seen.push("splits=" + [...new Set([...document.querySelectorAll("#cases tbody tr:not([hidden])")].map((r) => r.cells[1].textContent))]);
const search = document.getElementById("search");
search.value = "INFECTION MISSED"; search.dispatchEvent(new Event("input"));
seen.push(document.getElementById("shown").textContent);`

const tableSeen = `worst=0\.000; ascending=0\.9\d+; undefined last=–; descending=0\.99\d; undefined last=–; splits=test; 1 of 32 shown`

// viewerProbe scrolls, changes the window and the plane, hides contours, reads
// HU and turns the surfaces, and says what of it could be seen in the pixels.
const viewerProbe = `
const at = (id) => document.getElementById(id);
const slice = at("slice"), name = () => at("slice-name").textContent;
const pixels = (canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  return copy.getImageData(0, 0, canvas.width, canvas.height).data;
};
const count = (canvas, is) => {
  const p = pixels(canvas);
  let n = 0;
  for (let i = 0; i < p.length; i += 4) if (is(p[i], p[i + 1], p[i + 2])) n++;
  return n;
};
const red = (r, g, b) => r > 180 && g < 90 && b < 100, cyan = (r, g, b) => r < 90 && g > 150 && b > 200, white = (r, g, b) => r > 250 && g > 250 && b > 250;
const press = (key) => slice.dispatchEvent(new KeyboardEvent("keydown", { key }));
const set = (id, value) => { at(id).checked = value; at(id).dispatchEvent(new Event("change")); };
const number = () => Number(name().match(/ (\d+) of/)[1]);


const start = number();
slice.dispatchEvent(new WheelEvent("wheel", { deltaY: 100, cancelable: true }));
press("ArrowDown"); press("PageDown");
seen.push("scrolled by " + (number() - start));
at("slice-at").value = 5; at("slice-at").dispatchEvent(new Event("input"));
seen.push("slider " + name().replace(/,.*/, ""));
press("Home"); seen.push("first " + number());
at("slice-at").value = start - 1; at("slice-at").dispatchEvent(new Event("input"));

seen.push("red " + (count(slice, red) > 200), "cyan " + (count(slice, cyan) > 200));
set("show-reference", false);
seen.push("without reference " + count(slice, red));
set("show-prediction", false);
seen.push("without prediction " + count(slice, cyan));
const bright = { };
for (const b of document.querySelectorAll("[data-low]")) { b.click(); bright[b.textContent] = count(slice, white); }
seen.push("white in a mediastinal window more than in bone " + (bright.mediastinum > bright.bone + 1000));
const box = slice.getBoundingClientRect();
const hu = (x, y) => {
  const e = new PointerEvent("pointermove", { clientX: box.left + x * box.width, clientY: box.top + y * box.height });
  slice.dispatchEvent(e);
  return Number(at("slice-value").textContent.match(/([−\d]+) HU/)[1].replace("−", "-"));
};
seen.push("lung " + (hu(0.25, 0.3) < -700), "middle " + (hu(0.5, 0.5) > -60));
document.querySelector("[data-plane=coronal]").click();
seen.push(name().replace(/ .*/, ""));
at("level").value = -600; at("width").value = 100; at("width").dispatchEvent(new Event("change"));
seen.push("pressed " + document.querySelectorAll("[data-low][aria-pressed=true]").length);

const surface = at("surface"), infection = (r, g, b) => r > b + 60, lung = (r, g, b) => b > r + 4;
const front = pixels(surface).slice();
seen.push("infection " + (count(surface, infection) > 300), "lung " + (count(surface, lung) > 3000));
document.querySelector("[data-view=back]").click();
const back = pixels(surface);
seen.push("turned " + front.some((v, i) => v !== back[i]));
surface.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
document.querySelector("a[data-exhibit='2']").click();
await ready(1);
seen.push("second " + at("exhibit").selectedIndex, "requests " + performance.getEntriesByType("resource").length);`

const viewerSeen = `scrolled by 12; slider axial 6 of \d+; first 1; red true; cyan true; without reference 0; without prediction 0; white in a mediastinal window more than in bone true; ` +
	`lung true; middle true; coronal; pressed 0; infection true; lung true; turned true; second 1; requests 0`

// browser returns Debian's Chromium, or skips the test.
func browser(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CTCOHORT_CHROMIUM"); path != "" {
		return path
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium: install Debian's, or set CTCOHORT_CHROMIUM")
	}
	return path
}

func TestPageInBrowser(t *testing.T) {
	exe := browser(t)
	if os.Getenv("CTCOHORT_SLOW") == "" {
		t.Skip("a slow test: set CTCOHORT_SLOW=1, or run `make test-go`")
	}
	script := `<script>(async () => {
const seen = [];
const ready = async (i) => { while (document.getElementById("viewer").dataset.ready !== String(i)) await new Promise((r) => setTimeout(r, 50)); };
try {` + tableProbe + `
await ready(0);` + viewerProbe + `
} catch (e) { seen.push(e.stack); }
document.title = seen.join("; ");
})();</script>`
	page := strings.Replace(rendered(t, withFigures(t, synthetic(12, 4), 2)), "</body>", script+"</body>", 1)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium") // not t.TempDir: the browser's children may write after it ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, exe, "--headless=new", "--no-sandbox", "--enable-unsafe-swiftshader", "--enable-logging=stderr",
		"--window-size=1280,900", "--virtual-time-budget=60000", "--user-data-dir="+profile, "--dump-dom", "file://"+path)
	var log strings.Builder
	command.Stderr = &log
	out, err := command.Output()
	if err != nil {
		t.Fatalf("running the browser: %v", err)
	}
	for _, line := range regexp.MustCompile(`.*(?:CONSOLE|Content Security Policy).*`).FindAllString(log.String(), -1) {
		if !strings.Contains(line, "GPU stall due to ReadPixels") { // of the probe itself
			t.Errorf("the page says in the console: %s", line)
		}
	}
	title := regexp.MustCompile(`<title>([^<]*)</title>`).FindStringSubmatch(string(out))
	if want := tableSeen + "; " + viewerSeen; title == nil || !regexp.MustCompile("^"+want+"$").MatchString(title[1]) {
		t.Errorf("in the browser: %v;\nwant %s", title, want)
	}
}
