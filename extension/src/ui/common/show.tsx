/** Things one looks at: Card, CodeBlock, Notice, Said, FaultNotice, Progress, Site, Steps, Brand, Tag, TestBanner, Mark. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, focusOnce } from "./controls";
import type { Fault } from "./fault";
import { initial } from "./words";

/** A section with a heading, on a surface of its own. */
export function Card(props: {
  title?: string;
  id?: string;
  focusTitle?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section
      class="card stack"
      id={props.id}
      aria-labelledby={props.title && props.id ? `${props.id}-title` : undefined}
    >
      {props.title && (
        <h2 id={props.id ? `${props.id}-title` : undefined} tabIndex={-1} ref={props.focusTitle ? focusOnce : null}>
          {props.title}
        </h2>
      )}
      {props.children}
    </section>
  );
}

export type Tone = "info" | "good" | "warn" | "bad";

/**
 * Something to know. `live` announces it when it appears: bad news at once, the rest when there is a pause. With
 * `focusTitle` it takes the focus instead, as what a step has come to.
 */
export function Notice(props: {
  tone?: Tone;
  title?: string;
  live?: boolean;
  focusTitle?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const { tone = "info" } = props;
  const role = props.live ? (tone === "bad" ? "alert" : "status") : undefined;
  return (
    <div class={`notice notice-${tone}`} role={role}>
      {props.title && (
        <div
          class="notice-title"
          tabIndex={props.focusTitle ? -1 : undefined}
          ref={props.focusTitle ? focusOnce : null}
        >
          {props.title}
        </div>
      )}
      {props.children && <div>{props.children}</div>}
    </div>
  );
}

/** What was just done. It has its place from the beginning, empty, so that its words are heard when they come. */
export function Said(props: { tone?: Tone; children: string }): JSX.Element {
  return (
    <div class="said" role="status">
      {props.children && <Notice tone={props.tone ?? "info"}>{props.children}</Notice>}
    </div>
  );
}

/** What went wrong, what was kept, what to do. */
export function FaultNotice(props: { fault: Fault | undefined; children?: ComponentChildren }): JSX.Element | null {
  const { fault } = props;
  if (!fault) return null;
  return (
    <Notice tone={fault.name === "canceled" || fault.name === "denied" ? "warn" : "bad"} title={fault.title} live>
      {fault.text}
      {props.children && <div class="row">{props.children}</div>}
    </Notice>
  );
}

/**
 * Work under way. Without `part` nobody knows how long; with it, it is the share done, 0 to 1. `quiet` is for where
 * something else tells of it aloud.
 */
export function Progress(props: { label: string; part?: number; quiet?: boolean }): JSX.Element {
  const known = props.part !== undefined;
  const percent = Math.round((props.part ?? 0) * 100);
  return (
    <div class={`progress ${known ? "" : "progress-unknown"}`}>
      <div role={props.quiet ? undefined : "status"}>{props.label}</div>
      <div
        class="progress-track"
        role="progressbar"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known ? percent : undefined}
      >
        <div class="progress-bar" style={known ? { inlineSize: `${percent}%` } : undefined} />
      </div>
    </div>
  );
}

/** A command to copy. */
export function CodeBlock(props: { code: string; label: string }): JSX.Element {
  const [copied, setCopied] = useState<"" | "yes" | "no">("");
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(""), 4000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    navigator.clipboard.writeText(props.code).then(
      () => setCopied("yes"),
      () => setCopied("no"),
    );
  };
  return (
    <div>
      <div class="code-block">
        <pre>
          <code>{props.code}</code>
        </pre>
        <Button kind="quiet" onPress={copy} label={`Copy ${props.label}`}>
          {copied === "yes" ? "Copied" : "Copy"}
        </Button>
      </div>
      <div role="status" class={copied === "no" ? "field-error" : "unseen"}>
        {copied === "yes" && "Copied."}
        {copied === "no" && "Copying didn't work. Select the line and copy it by hand."}
      </div>
    </div>
  );
}

/** A site by its registrable domain, with a tile instead of an icon fetched from anywhere. */
export function Site(props: { name: string; detail?: ComponentChildren; small?: boolean }): JSX.Element {
  return (
    <div class={`site ${props.small ? "site-small" : ""}`}>
      <span class="site-tile" aria-hidden="true">
        {initial(props.name)}
      </span>
      <span class="list-main">
        <span class="site-name">{props.name}</span>
        {props.detail && <span class="small soft">{props.detail}</span>}
      </span>
    </div>
  );
}

/** Where one is in a sequence of steps. */
export function Steps(props: { names: readonly string[]; current: number }): JSX.Element {
  return (
    <ol class="steps" aria-label="Steps">
      {props.names.map((name, index) => (
        <li
          key={name}
          aria-current={index === props.current ? "step" : undefined}
          data-done={index < props.current ? "yes" : undefined}
        >
          {name}
          {index < props.current && <span class="unseen"> (done)</span>}
        </li>
      ))}
    </ol>
  );
}

/** The product's name, and the vault's where it is not the default one. */
export function Brand(props: { profile: string | undefined }): JSX.Element {
  return (
    <span class="brand">
      <Mark />
      Keyferry
      {props.profile && props.profile !== "default" && <Tag>{props.profile}</Tag>}
    </span>
  );
}

export function Tag(props: { tone?: "warn" | "good"; children: ComponentChildren }): JSX.Element {
  return <span class={`tag ${props.tone ? `tag-${props.tone}` : ""}`}>{props.children}</span>;
}

export function TestBanner(props: { test: boolean | undefined }): JSX.Element | null {
  if (!props.test) return null;
  return (
    <aside class="test-banner" aria-label="Test build">
      Test build: it says yes or no by a setting instead of asking you. Never keep a real passkey in it.
    </aside>
  );
}

/** The mark: a key that rides on a wave. */
export function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
        <circle cx="10" cy="12" r="5.5" />
        <path d="M15.5 12H28v5M22.5 12v4" />
        <path d="M2.5 25c2.7-3 5.4-3 8.1 0s5.4 3 8.1 0 5.4-3 8.1 0" opacity=".6" />
      </g>
    </svg>
  );
}
