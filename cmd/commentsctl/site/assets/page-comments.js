// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// <page-comments>: see docs/site.md

const strings = {
  title: "Comments",
  busy: "One moment…",
  empty: "No comments yet.",
  more: "Show more comments",
  retry: "Try again",
  userName: "Name",
  message: "Comment",
  post: "Post comment",
  posted: "Your comment is posted.",
  pending: "Awaiting moderation",
  reply: "Reply",
  replyTo: "Reply to {}",
  cancel: "Cancel",
  wait: "Try again in {} s.",
  kept: "Your text is kept.",
  offline: "You are offline.",
  unsure: "No answer came. See whether your comment is there before you post it again.",
  // The API's error codes; for others it has messages.
  Throttled: "Too many requests at the moment.",
  Unavailable: "The comments are not available at the moment.",
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host {
  --accent: var(--comments-accent, light-dark(#34c, #abf));
  --muted: var(--comments-muted, color-mix(in srgb, currentColor 70%, transparent));
  --line: var(--comments-line, color-mix(in srgb, currentColor 20%, transparent));
  --radius: var(--comments-radius, 10px);
  display: block;
  line-height: 1.5;
  overflow-wrap: anywhere;
}
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 2.5rem 1fr; gap: .25rem 1rem; padding-block: 1.25rem 0; }
li > * { grid-column: 2; min-width: 0; }
i { grid-area: 1 / 1 / 4; display: grid; place-items: center; height: 2.5rem; border-radius: 50%; font-style: normal; text-transform: uppercase; color: light-dark(oklch(.37 .12 var(--hue)), oklch(.92 .05 var(--hue))); background: light-dark(oklch(.91 .06 var(--hue)), oklch(.36 .07 var(--hue))); }
li ol { grid-column: 1 / 3; margin-inline-start: 1.2rem; border-inline-start: 2px solid var(--line); padding-inline-start: 1.2rem; }
li li li li ol, ol:empty { margin: 0; padding: 0; border: 0; }
header, form div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; }
p { margin: 0; white-space: pre-wrap; unicode-bidi: plaintext; overflow: clip; }
time, small, [part=note], [part~=reply] { color: var(--muted); font-size: .875em; }
small { border: 1px solid; border-radius: 99px; padding: 0 .6em; }
button, input, textarea { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: var(--radius); padding: .5em 1em; min-width: 0; }
button { cursor: pointer; }
button, p { justify-self: start; }
button:hover { text-decoration: underline; }
[aria-disabled=true] { opacity: .6; cursor: default; }
[part~=reply] { border: 0; padding: 0; }
[part~=post] { background: var(--accent); color: var(--comments-on-accent, light-dark(#fff, #112)); font-weight: 600; }
[part~=more] { width: 100%; margin-block: 1rem; }
form { display: grid; gap: 1rem; margin-block: 1.5rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--comments-surface); }
label { display: grid; gap: .25rem; min-width: 0; }
form i { position: absolute; width: 0; overflow: hidden; }
input, textarea { border-color: var(--muted); background: light-dark(#fff, #0004); }
input { max-width: 20rem; }
textarea { min-height: 6em; resize: vertical; field-sizing: content; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
[role=alert] { color: var(--comments-error, light-dark(#a12, #f9a)); }
`);

let store = {};
try {
  store = localStorage;
} catch {}

// Content is text, which stays text, or elements.
function make(tag, attributes, content = []) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (content.map) element.append(...content);
  else element.textContent = content;
  return element;
}

export class PageComments extends HTMLElement {
  static strings = strings;
  static observedAttributes = ["api", "page-id"];

  #own = new Map(); // posted, not listed yet
  #items = new Map();
  #parent = ""; // what the form replies to

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.list = make("ol", { part: "list", role: "list" });
    this.posted = make("ol", { part: "list", role: "list" });
    this.note = make("p", { part: "note", role: "status" });
    this.more = this.#button("more");
    this.home = make("div");
    this.#makeForm();
    root.replaceChildren(make("slot", { name: "title" }, [make("h2", { part: "title" }, this.#text("title"))]), this.list, this.note, this.more, this.posted, this.home);
    if (this.hasAttribute("newest-first")) this.list.before(this.home, this.posted);
    this.refresh();
  }

  disconnectedCallback() {
    clearInterval(this.clock);
    this.view?.disconnect();
    this.calls?.abort();
  }

  attributeChangedCallback() {
    this.#own.clear();
    if (this.view) this.refresh();
  }

  // Lists anew once in view.
  refresh() {
    this.disconnectedCallback();
    this.clock = setInterval(() => this.shadowRoot.querySelectorAll("time").forEach((time) => this.#tell(time)), 60000);
    this.calls = new AbortController();
    this.view = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.view.disconnect();
      this.#load(true);
    }, { rootMargin: "200px" });
    this.view.observe(this);
    this.more.hidden = true;
    this.more.ariaDisabled = false;
    this.#reply();
  }

  #text(name, value) {
    // Isolated: a name may run the other way.
    return (this.getAttribute("text-" + name) ?? strings[name])?.replace("{}", `\u2068${value}\u2069`);
  }

  #button(name, type = "button") {
    return make("button", { part: "button " + name, type }, this.#text(name));
  }

  #event(name, detail) {
    this.dispatchEvent(new CustomEvent("comments-" + name, { detail, bubbles: true }));
  }

  #say(note, text, role = "status") {
    note.role = role;
    note.textContent = text;
  }

  #fail(note, button, problem) {
    this.#say(note, problem.text, "alert");
    button.ariaDisabled = problem.wait > 0;
    setTimeout(() => (button.ariaDisabled = false), problem.wait * 1000);
    this.#event("failed", problem);
  }

  async #call(path, init, ...signals) {
    const unanswered = !navigator.onLine ? "offline" : init ? "unsure" : "Unavailable";
    const signal = AbortSignal.any([AbortSignal.timeout(20000), ...signals]);
    const answer = await fetch(this.getAttribute("api") + path, { ...init, signal }).catch(() => {});
    const data = await answer?.json().catch(() => {});
    if (answer?.ok && (data?.comments ?? data?.commentId)) return data;
    const wait = Math.ceil(answer?.headers.get("Retry-After")) || 0;
    let text = this.#text(data?.code) ?? data?.message ?? this.#text(answer && !answer.ok ? "Unavailable" : unanswered);
    if (wait) text += " " + this.#text("wait", wait);
    if (init) text += " " + this.#text("kept");
    throw { ...data, status: answer?.status, text, wait };
  }

  async #load(anew) {
    const { signal } = this.calls;
    if (this.more.ariaDisabled === "true") return;
    this.more.ariaDisabled = true;
    this.#say(this.note, this.#text("busy"));
    let retry = anew;
    try {
      let cursor = anew ? "" : this.cursor;
      const comments = [];
      do {
        const page = await this.#call(`/comments/${encodeURIComponent(this.getAttribute("page-id"))}?cursor=${encodeURIComponent(cursor)}`, null, signal);
        comments.push(...page.comments);
        cursor = page.nextCursor;
      } while (cursor && !comments.length);
      if (anew) {
        if (this.#parent) this.#reply();
        this.#items.clear();
        this.list.replaceChildren();
        this.posted.replaceChildren();
      }
      const items = comments.map((comment) => this.#show(comment, this.list));
      if (!anew) items[0]?.focus();
      else this.#own.forEach((comment) => this.#show(comment, this.posted));
      this.cursor = cursor;
      this.more.hidden = !cursor;
      this.#say(this.note, this.#items.size ? "" : this.#text("empty"));
      retry = this.more.ariaDisabled = false;
      this.more.textContent = this.#text("more");
      this.#event("loaded", { comments, more: !!cursor });
    } catch (problem) {
      if (signal.aborted) return;
      this.more.hidden = false;
      this.more.textContent = this.#text("retry");
      this.#fail(this.note, this.more, problem);
    }
    this.more.onclick = () => this.#load(retry);
  }

  // Below its parent where that is shown, else in the list.
  #show(comment, list) {
    const { commentId: id, userName: name, message, createdAt, parentId } = comment;
    let item = this.#items.get(id);
    if (list === this.list) this.#own.delete(id);
    if (!item) {
      const header = make("header", {}, [make("b", { part: "author", dir: "auto" }, name)]);
      if (createdAt <= 8.64e15) header.append(this.#tell(make("time", { part: "time", datetime: new Date(createdAt).toISOString() })));
      if (comment.pending) header.append(make("small", { part: "pending" }, this.#text("pending")));
      const face = make("i", { part: "avatar", "aria-hidden": "true" }, [...name][0]);
      face.style.setProperty("--hue", [...name].reduce((hue, letter) => (hue * 31 + letter.codePointAt()) % 360, 7));
      const reply = this.#button("reply");
      reply.onclick = () => this.#reply(item, id, name);
      reply.ariaLabel = this.#text("replyTo", name);
      reply.hidden = !this.hasAttribute("replies");
      const replies = make("ol", { part: "replies", role: "list" });
      item = make("li", { part: "comment", tabindex: "-1" }, [face, header, make("p", { part: "message" }, message), reply, replies]);
      Object.assign(item, { replies, parentId });
      this.#items.set(id, item);
    }
    const parent = this.#items.get(parentId);
    (parent && !item.contains(parent) ? parent.replies : list).append(item);
    for (const other of [...list.children]) if (other.parentId === id && !other.contains(item)) item.replies.append(other);
    return item;
  }

  #tell(time) {
    const date = new Date(time.dateTime);
    const lang = this.closest("[lang]")?.lang.replace("_", "-") || [];
    const seconds = (Date.now() - date) / 1000;
    const [unit, size] = seconds < 60 ? ["second", 60] : seconds < 3600 ? ["minute", 60] : seconds < 86400 ? ["hour", 3600] : ["day", 86400];
    time.title = date.toLocaleString(lang, { dateStyle: "full", timeStyle: "short" });
    time.textContent = seconds > 2592000 ? date.toLocaleDateString(lang, { dateStyle: "long" })
      : new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
    return time;
  }

  #makeForm() {
    const field = (tag, name, maxlength) => make("label", { part: "label" }, [make("span", {}, this.#text(name)),
      make(tag, { part: "input", name, maxlength, required: "", dir: "auto" })]);
    this.trap = make("input", { name: this.getAttribute("honeypot") ?? "website", tabindex: "-1", autocomplete: "off" });
    this.target = make("b");
    this.answer = make("p", { part: "note", role: "status" });
    this.send = this.#button("post", "submit");
    this.cancel = this.#button("cancel");
    this.cancel.onclick = () => this.#reply();
    this.form = make("form", { part: "form" }, [this.target, field("input", "userName", 100), field("textarea", "message", 10000), make("i", { "aria-hidden": "true" }, [this.trap]),
      make("div", {}, [this.send, this.cancel, this.answer])]);
    const { userName, message } = this.form;
    this.form.oninput = () => (store[this.#draft] = JSON.stringify([userName.value, message.value]));
    this.form.onsubmit = (event) => this.#post(event);
  }

  get #draft() {
    return `comments-draft ${this.getAttribute("api")} ${this.getAttribute("page-id")} ${this.#parent}`;
  }

  // Moves the form, and takes up the draft for there.
  #reply(item, id = "", name = "") {
    const { userName, message } = this.form;
    if (message.readOnly) return;
    const from = this.#items.get(this.#parent);
    this.#parent = id;
    if (item) item.replies.before(this.form);
    else this.home.append(this.form);
    this.cancel.hidden = this.target.hidden = !item;
    this.target.textContent = this.#text("replyTo", name);
    const [draftName, draft = ""] = JSON.parse(store[this.#draft] ?? "[]");
    userName.value ||= draftName ?? "";
    message.value = draft;
    if (item) message.focus();
    else from?.querySelector("button").focus();
  }

  async #post(event) {
    event.preventDefault();
    const { userName, message } = this.form;
    if (this.send.ariaDisabled === "true") return;
    for (const field of [userName, message]) field.value = field.value.trim();
    if (!this.form.reportValidity()) return;
    const comment = { pageId: this.getAttribute("page-id"), userName: userName.value, message: message.value, parentId: this.#parent || undefined, [this.trap.name]: this.trap.value || undefined };
    const key = this.#draft;
    const draft = store[key];
    message.readOnly = this.send.ariaDisabled = true;
    this.#say(this.answer, this.#text("busy"));
    try {
      const answer = await this.#call("/comments", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(comment) });
      // Unless another tab has a newer one.
      if (store[key] === draft) delete store[key];
      message.value = "";
      Object.assign(comment, answer, { createdAt: Date.now(), pending: answer.status === "Pending" });
      this.#own.set(comment.commentId, comment);
      message.readOnly = this.send.ariaDisabled = false;
      this.#reply();
      this.#say(this.answer, this.#text(comment.pending ? "pending" : "posted"));
      this.#say(this.note, "");
      this.#show(comment, this.posted).focus();
      this.#event("posted", comment);
    } catch (problem) {
      this.#fail(this.answer, this.send, problem);
    }
    message.readOnly = false;
  }
}

customElements.define("page-comments", PageComments);
