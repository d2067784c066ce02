"use strict";
(() => {
  const root = document.getElementById("viewer");
  if (!root) return;
  const at = (id) => document.getElementById(id);
  const [canvas, slider, level, width] = ["slice", "slice-at", "level", "width"].map(at);
  const planes = [...root.querySelectorAll("[data-plane]")];
  const windows = [...root.querySelectorAll("[data-low]")];
  const note = (text) => { at("viewer-note").textContent = text; };

  // Unpacking: zlib in base64, then the coding of report/pack.go.
  const inflate = async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  };
  const unpackHU = (bytes, [nx, ny, nz], step, low) => {
    const steps = new Int16Array(nx * ny * nz);
    for (let i = 0, from = 0; i < steps.length; i++) {
      let code = bytes[from++];
      if (code === 255) {
        code = bytes[from] | bytes[from + 1] << 8;
        from += 2;
      }
      const x = i % nx, y = Math.floor(i / nx) % ny;
      let guess = 0;
      if (x && y) {
        const a = steps[i - 1], b = steps[i - nx], c = steps[i - nx - 1];
        guess = Math.max(Math.min(a, b), Math.min(Math.max(a, b), a + b - c));
      } else if (x) guess = steps[i - 1];
      else if (y) guess = steps[i - nx];
      steps[i] = guess + (code & 1 ? -(code + 1) / 2 : code / 2);
    }
    return steps.map((s) => low + s * step);
  };
  const unpackMesh = async ({ vertices, triangles, data }, lattice) => {
    const bytes = await inflate(data);
    let from = 0;
    const next = () => {
      let value = 0, scale = 1;
      for (;;) {
        const b = bytes[from++];
        value += (b & 127) * scale;
        if (b < 128) return value % 2 ? -(value + 1) / 2 : value / 2;
        scale *= 128;
      }
    };
    const positions = new Float32Array(3 * vertices), last = [0, 0, 0];
    for (let i = 0; i < positions.length; i++) positions[i] = (last[i % 3] += next()) * lattice;
    const indices = new Uint32Array(3 * triangles);
    for (let i = 0, index = 0; i < indices.length; i++) indices[i] = index += next();
    return { positions, triangles: indices };
  };
  const load = async (i) => {
    const p = JSON.parse(at(`preview-${i}`).textContent);
    const masks = await Promise.all(p.masks.map(async (m) => ({
      name: m.name, reference: m.reference, labels: m.labels && await inflate(m.labels),
      lung: await unpackMesh(m.lung, p.lattice), infection: await unpackMesh(m.infection, p.lattice),
      detail: `infection ${m.infection_ml.toFixed(1)} ml in ${m.lung_ml.toFixed(1)} ml of lung`,
    })));
    return { ...p, masks, hu: p.hu && unpackHU(await inflate(p.hu), p.size, p.step, p.low) };
  };

  // What is seen: across and down are axes of the volume, along is that of the slices.
  const views = { axial: { across: 0, down: 1, along: 2, sides: ["R", "L"] }, coronal: { across: 0, down: 2, along: 1, sides: ["R", "L"] }, sagittal: { across: 1, down: 2, along: 0, sides: ["A", "P"] } };
  let volume = null, view = views.axial, slice = 0, low = 0, high = 1;
  const places = { axial: 0, coronal: 0, sagittal: 0 };
  const plane = () => planes.find((b) => b.getAttribute("aria-pressed") === "true").dataset.plane;
  const index = (x, y) => {
    const v = [0, 0, 0];
    [v[view.across], v[view.down], v[view.along]] = [x, y, slice];
    return (v[2] * volume.size[1] + v[1]) * volume.size[0] + v[0];
  };
  const reference = () => volume.masks.find((m) => m.reference);
  const prediction = () => volume.masks.filter((m) => !m.reference)[at("exhibit-model").selectedIndex];

  const draw = () => {
    if (!volume || !volume.hu) return;
    const [nx, ny] = [volume.size[view.across], volume.size[view.down]];
    const [sx, sy] = [volume.spacing[view.across], volume.spacing[view.down]];
    const ratio = window.devicePixelRatio || 1;
    const perMM = Math.min(canvas.parentElement.clientWidth / (nx * sx), 560 / (ny * sy)) * ratio;
    [canvas.width, canvas.height] = [nx * sx * perMM, ny * sy * perMM].map(Math.round);
    [canvas.style.width, canvas.style.height] = [canvas.width, canvas.height].map((n) => `${n / ratio}px`);
    const grey = new OffscreenCanvas(nx, ny);
    const pixels = new ImageData(nx, ny);
    for (let y = 0, k = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, k += 4) {
        pixels.data[k] = pixels.data[k + 1] = pixels.data[k + 2] = 255 * (volume.hu[index(x, y)] - low) / (high - low);
        pixels.data[k + 3] = 255;
      }
    }
    grey.getContext("2d").putImageData(pixels, 0, 0);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(grey, 0, 0, canvas.width, canvas.height);
    const lines = [[reference(), "reference", ["#e61e28", "#e61e28"], 2.6], [prediction(), "prediction", ["#00cdff", "#ffdc00"], 1.3]];
    for (const [mask, name, hues, thickness] of lines) {
      if (!mask || !at(`show-${name}`).checked) continue;
      ["lung", "infection"].forEach((label, i) => {
        if (at(`show-${label}`).checked) contour(pen, mask.labels, i + 1, nx, ny, hues[i], thickness * ratio);
      });
    }
    annotate(pen, ratio, perMM);
    tell();
  };

  // contour strokes the line between voxels with at least a label and the others, by marching squares.
  const contour = (pen, labels, least, nx, ny, hue, thickness) => {
    const [w, h] = [canvas.width / nx, canvas.height / ny];
    const path = new Path2D();
    const inside = (x, y) => x >= 0 && y >= 0 && x < nx && y < ny && labels[index(x, y)] >= least;
    for (let y = -1; y < ny; y++) {
      for (let x = -1; x < nx; x++) {
        const corners = [inside(x, y), inside(x + 1, y), inside(x + 1, y + 1), inside(x, y + 1)];
        const middles = [[1, 0.5], [1.5, 1], [1, 1.5], [0.5, 1]]; // between corners i and i+1
        for (let i = 0; i < 4; i++) { // a run of inside corners begins at i
          if (!corners[i] || corners[(i + 3) % 4]) continue;
          let k = i;
          while (corners[(k + 1) % 4]) k++;
          const [a, b] = [middles[(i + 3) % 4], middles[k % 4]];
          path.moveTo((x + a[0]) * w, (y + a[1]) * h);
          path.lineTo((x + b[0]) * w, (y + b[1]) * h);
        }
      }
    }
    pen.strokeStyle = hue;
    pen.lineWidth = thickness;
    pen.lineCap = "round";
    pen.stroke(path);
  };

  const annotate = (pen, ratio, perMM) => {
    pen.font = `${13 * ratio}px ${getComputedStyle(canvas).fontFamily}`;
    pen.fillStyle = "#fff";
    pen.strokeStyle = "#000";
    pen.lineWidth = 3 * ratio;
    const put = (align, text, x, y) => {
      pen.textAlign = align;
      pen.strokeText(text, x, y);
      pen.fillText(text, x, y);
    };
    put("left", view.sides[0], 8 * ratio, canvas.height / 2);
    put("right", view.sides[1], canvas.width - 8 * ratio, canvas.height / 2);
    const length = 50 * perMM;
    pen.strokeRect(canvas.width - length - 10 * ratio, 10 * ratio, length, 3 * ratio);
    pen.fillRect(canvas.width - length - 10 * ratio, 10 * ratio, length, 3 * ratio);
    put("right", "50 mm", canvas.width - 10 * ratio, 30 * ratio);
  };

  // tell says where the slice lies.
  const tell = () => {
    const mm = (slice + 0.5) * volume.spacing[view.along];
    const where = {
      axial: `${Math.abs(mm - volume.apex).toFixed(0)} mm ${mm < volume.apex ? "above" : "below"} the apex of the lungs`,
      coronal: `${mm.toFixed(0)} mm behind the front`, sagittal: `${mm.toFixed(0)} mm from the right`,
    }[plane()];
    at("slice-name").textContent = `${plane()} ${slice + 1} of ${volume.size[view.along]}, ${where}`;
  };
  const scroll = (to) => {
    slice = Math.max(0, Math.min(volume.size[view.along] - 1, to));
    slider.value = places[plane()] = slice;
    draw();
  };
  const show = (name) => {
    planes.forEach((b) => b.setAttribute("aria-pressed", b.dataset.plane === name));
    view = views[name];
    slider.max = volume.size[view.along] - 1;
    scroll(places[name]);
  };
  const setWindow = (from, to) => {
    [low, high] = [from, Math.max(from + 1, to)];
    windows.forEach((b) => b.setAttribute("aria-pressed", Number(b.dataset.low) === low && Number(b.dataset.high) === high));
    [level.value, width.value] = [(low + high) / 2, high - low];
    draw();
  };

  const three = SurfaceView(at("surface"), at("surface-labels"));
  if (!three) at("surface-note").textContent = "This browser has no WebGL: the surfaces stand below as pictures.";
  const surfaces = () => {
    if (three) three.show([reference(), prediction()].filter(Boolean), volume.radius);
  };

  const open = async (i) => {
    at("exhibit").selectedIndex = i;
    try {
      volume = await load(i);
    } catch (error) {
      note(`This browser cannot show the volume (${error.message}): the pictures stand below.`);
      return;
    }
    if (at("exhibit").selectedIndex !== i) return; // another was chosen meanwhile
    note(volume.hu ? "" : "The slices of this volume were left out, for the page would get too large.");
    root.querySelector(".viewer").classList.toggle("no-slices", !volume.hu);
    const names = volume.masks.filter((m) => !m.reference).map((m) => m.name);
    at("exhibit-model").replaceChildren(...names.map((n) => new Option(n)));
    at("show-reference").disabled = !reference();
    if (volume.hu) {
      [places.axial, places.coronal, places.sagittal] = [volume.start, volume.size[1] >> 1, volume.size[0] >> 2];
      show(plane());
    }
    surfaces();
    root.dataset.ready = i;
  };

  at("exhibit").addEventListener("input", (e) => open(e.target.selectedIndex));
  at("exhibit-model").addEventListener("input", () => { draw(); surfaces(); });
  document.querySelectorAll("a[data-exhibit]").forEach((a) => a.addEventListener("click", () => open(a.dataset.exhibit - 1)));
  root.querySelector("form").addEventListener("submit", (e) => e.preventDefault());
  planes.forEach((b) => b.addEventListener("click", () => show(b.dataset.plane)));
  windows.forEach((b) => b.addEventListener("click", () => setWindow(Number(b.dataset.low), Number(b.dataset.high))));
  root.querySelectorAll("[data-view]").forEach((b) => b.addEventListener("click", () => three && three.view(b.dataset.view)));
  for (const field of [level, width]) {
    field.addEventListener("change", () => setWindow(level.value - width.value / 2, Number(level.value) + width.value / 2));
  }
  for (const name of ["reference", "prediction", "lung", "infection"]) at(`show-${name}`).addEventListener("change", draw);
  slider.addEventListener("input", () => scroll(Number(slider.value)));
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    scroll(slice + Math.sign(e.deltaY));
  }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6 }[e.key];
    if (by) scroll(slice + by);
    else if (e.key === "w") windows[(windows.findIndex((b) => b.getAttribute("aria-pressed") === "true") + 1) % windows.length].click();
    else if (e.key === "c") for (const name of ["reference", "prediction"]) at(`show-${name}`).click();
    else return;
    e.preventDefault();
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!volume || !volume.hu) return;
    const x = Math.floor(e.offsetX / canvas.clientWidth * volume.size[view.across]);
    const y = Math.floor(e.offsetY / canvas.clientHeight * volume.size[view.down]);
    if (x < 0 || y < 0 || x >= volume.size[view.across] || y >= volume.size[view.down]) return;
    const names = ["none", "lung", "infection"], i = index(x, y);
    const of = (m, what) => m ? `, ${what} ${names[m.labels[i]]}` : "";
    at("slice-value").textContent = `: ${volume.hu[i]} HU${of(reference(), "reference")}${of(prediction(), "prediction")}`.replace("-", "−");
  });
  canvas.addEventListener("pointerleave", () => { at("slice-value").textContent = ""; });
  new ResizeObserver(draw).observe(canvas.parentElement);

  setWindow(Number(windows[0].dataset.low), Number(windows[0].dataset.high));
  open(0);
})();
