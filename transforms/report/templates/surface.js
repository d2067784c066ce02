"use strict";
// SurfaceView draws closed surfaces with WebGL: lungs translucent, infection
// opaque, two of them beside each other. It returns null where there is no WebGL.
const SurfaceView = (canvas, labels) => {
  const gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) return null;

  const shader = (type, text) => {
    const s = gl.createShader(type);
    gl.shaderSource(s, text);
    gl.compileShader(s);
    return s;
  };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, `#version 300 es
    in vec3 position, normal;
    uniform mat3 turn; // rows: right, up, towards the camera
    uniform vec2 scale;
    uniform float near, depth;
    out vec3 n;
    void main() {
      vec3 p = turn * position;
      n = turn * normal;
      gl_Position = vec4(p.xy * scale, -(p.z + near) / depth, 1.0);
    }`));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, `#version 300 es
    precision highp float;
    in vec3 n;
    uniform vec3 colour;
    uniform float opacity; // 1 is opaque
    out vec4 pixel;
    void main() {
      vec3 m = normalize(n);
      float lit = dot(m, normalize(vec3(-0.35, 0.45, 0.82)));
      float alpha = 1.0;
      if (opacity < 1.0) {
        lit = abs(lit);
        float side = 1.0 - abs(m.z);
        alpha = min(1.0, opacity * (0.55 + 2.4 * side * side));
      }
      lit = clamp(lit, 0.0, 1.0);
      vec3 c = colour * (0.22 + 0.78 * lit) + 0.12 * pow(lit, 30.0);
      pixel = vec4(pow(min(c, 1.0), vec3(1.0 / 2.2)) * alpha, alpha);
    }`));
  gl.linkProgram(program);
  gl.useProgram(program);
  const uniform = Object.fromEntries(["turn", "scale", "near", "depth", "colour", "opacity"].map((n) => [n, gl.getUniformLocation(program, n)]));

  // upload makes vertex arrays of a surface; normals are means of its triangles'.
  const upload = ({ positions, triangles }) => {
    const normals = new Float32Array(positions.length);
    for (let i = 0; i < triangles.length; i += 3) {
      const [a, b, c] = [3 * triangles[i], 3 * triangles[i + 1], 3 * triangles[i + 2]];
      const u = [0, 1, 2].map((k) => positions[b + k] - positions[a + k]);
      const v = [0, 1, 2].map((k) => positions[c + k] - positions[a + k]);
      const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
      for (const at of [a, b, c]) for (let k = 0; k < 3; k++) normals[at + k] += n[k];
    }
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    const buffers = [["position", positions], ["normal", normals]].map(([name, data]) => {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      const at = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 0, 0);
      return buffer;
    });
    const indices = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, triangles, gl.STATIC_DRAW);
    return { array, buffers: [...buffers, indices], count: triangles.length };
  };
  const drop = ({ array, buffers }) => {
    gl.deleteVertexArray(array);
    buffers.forEach((b) => gl.deleteBuffer(b));
  };

  let columns = []; // {name, lung, infection}
  let radius = 1, yaw = 0, pitch = 0, zoom = 1;

  const axes = () => {
    const [s, c, t, d] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
    return { right: [c, s, 0], up: [-t * s, t * c, d], toward: [d * s, -d * c, t] };
  };

  const draw = () => {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
    for (const c of [canvas, labels]) if (c.width !== width || c.height !== height) [c.width, c.height] = [width, height];
    gl.clearColor(1, 1, 1, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.CULL_FACE);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const { right, up, toward } = axes();
    gl.uniformMatrix3fv(uniform.turn, true, [...right, ...up, ...toward]);
    gl.uniform1f(uniform.depth, 3 * radius);
    const part = Math.floor(width / Math.max(1, columns.length));
    const perMM = zoom * Math.min(part, height) / (2 * radius); // pixels
    gl.uniform2f(uniform.scale, 2 * perMM / part, 2 * perMM / height);
    columns.forEach((column, i) => {
      gl.viewport(i * part, 0, part, height);
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(i * part, 0, part, height);
      const surface = (s, colour, opacity, near) => {
        gl.uniform3fv(uniform.colour, colour);
        gl.uniform1f(uniform.opacity, opacity);
        gl.uniform1f(uniform.near, near);
        gl.bindVertexArray(s.array);
        gl.drawElements(gl.TRIANGLES, s.count, gl.UNSIGNED_INT, 0);
      };
      gl.disable(gl.BLEND);
      gl.depthMask(true);
      gl.cullFace(gl.BACK);
      surface(column.infection, SurfaceView.infection, 1, 3); // before a pleura that is the same surface
      gl.enable(gl.BLEND);
      gl.depthMask(false);
      for (const side of [gl.FRONT, gl.BACK]) { // the far side first
        gl.cullFace(side);
        surface(column.lung, SurfaceView.lung, 0.28, 0);
      }
      gl.depthMask(true);
      gl.disable(gl.SCISSOR_TEST);
    });
    annotate(part, height, perMM, ratio, { right, up, toward });
  };

  // annotate writes titles, a scale bar, and where left, back and head lie.
  const annotate = (part, height, perMM, ratio, { right, up, toward }) => {
    const pen = labels.getContext("2d");
    pen.clearRect(0, 0, labels.width, labels.height);
    pen.font = `${12 * ratio}px ${getComputedStyle(labels).fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    columns.forEach((column, i) => {
      pen.fillStyle = "#1c2126";
      pen.fillText(column.name, (i + 0.5) * part, 12 * ratio);
      pen.fillStyle = "#59636e";
      pen.fillText(column.detail, (i + 0.5) * part, 28 * ratio);
    });
    const length = 50 * perMM;
    pen.fillStyle = "#1c2126";
    pen.fillRect(labels.width - length - 12 * ratio, height - 12 * ratio, length, 3 * ratio);
    pen.fillText("50 mm", labels.width - length / 2 - 12 * ratio, height - 22 * ratio);
    const [x, y, arm] = [38 * ratio, height - 38 * ratio, 22 * ratio];
    const ends = [["L", [1, 0, 0]], ["R", [-1, 0, 0]], ["P", [0, 1, 0]], ["A", [0, -1, 0]], ["H", [0, 0, 1]], ["F", [0, 0, -1]]];
    const along = (axis, v) => axis[0] * v[0] + axis[1] * v[1] + axis[2] * v[2];
    pen.strokeStyle = "#59636e";
    pen.lineWidth = ratio;
    for (const [letter, v] of ends) {
      const [dx, dy] = [along(right, v) * arm, -along(up, v) * arm];
      if (Math.hypot(dx, dy) < 0.35 * arm || along(toward, v) < -0.5) continue;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(x + dx, y + dy);
      pen.stroke();
      pen.fillText(letter, x + dx * 1.4, y + dy * 1.4);
    }
  };

  const turn = (dx, dy) => {
    yaw -= dx;
    pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, pitch + dy));
    draw();
  };
  canvas.addEventListener("pointerdown", (e) => canvas.setPointerCapture(e.pointerId));
  canvas.addEventListener("pointermove", (e) => { if (e.buttons) turn(e.movementX / 120, e.movementY / 120); });
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    zoom = Math.max(0.5, Math.min(6, zoom * Math.exp(-e.deltaY / 600)));
    draw();
  }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (!by) return;
    e.preventDefault();
    turn(by[0] * 0.15, by[1] * 0.15);
  });
  new ResizeObserver(draw).observe(canvas);

  return {
    show(surfaces, size) {
      columns.forEach((c) => { drop(c.lung); drop(c.infection); });
      columns = surfaces.map((s) => ({ ...s, lung: upload(s.lung), infection: upload(s.infection) }));
      radius = size;
      draw();
    },
    view(name) {
      [yaw, pitch] = { front: [0, 0], back: [Math.PI, 0], left: [Math.PI / 2, 0], right: [-Math.PI / 2, 0], above: [0, Math.PI / 2] }[name];
      zoom = 1;
      draw();
    },
  };
};
SurfaceView.lung = [0.38, 0.53, 0.68];
SurfaceView.infection = [0.60, 0.045, 0.03];
