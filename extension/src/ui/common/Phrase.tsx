/** A new recovery phrase: shown once, then checked, so that nobody learns years later that they have none. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Form } from "./controls";
import { Field } from "./fields";
import { Card, Notice } from "./show";
import { count, phraseWords, threePlaces } from "./words";

function randomPart(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

export function Phrase(props: { words: readonly string[]; onKept: () => void }): JSX.Element {
  const [checking, setChecking] = useState(false);
  useEffect(() => {
    const warn = (event: Event): void => event.preventDefault(); // leaving now would lose the phrase
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
  return checking ? (
    <Check words={props.words} onKept={props.onKept} onBack={() => setChecking(false)} />
  ) : (
    <Show words={props.words} onNext={() => setChecking(true)} />
  );
}

function Show(props: { words: readonly string[]; onNext: () => void }): JSX.Element {
  const [copied, setCopied] = useState<"yes" | "no">();
  return (
    <Card title={`Write down these ${count(props.words.length, "word")}, in this order`} id="phrase" focusTitle>
      <p>
        They open your vault when the passphrase is forgotten. They are shown this once and can't be had again. Keep
        them on paper, away from this computer: whoever has them can open your vault.
      </p>
      <ol class="words" aria-label="Recovery phrase">
        {props.words.map((word, index) => (
          <li key={index}>{word}</li>
        ))}
      </ol>
      <div class="row no-print">
        <Button onPress={() => window.print()}>Print</Button>
        <Button
          onPress={() =>
            navigator.clipboard.writeText(props.words.join(" ")).then(
              () => setCopied("yes"),
              () => setCopied("no"),
            )
          }
        >
          Copy
        </Button>
      </div>
      {copied === "yes" && (
        <Notice tone="warn" title="Copied, so be careful" live>
          Other programs can read what is copied, and some keep it. Paste it into a safe place now and copy something
          else afterwards.
        </Notice>
      )}
      {copied === "no" && (
        <Notice tone="bad" title="Copying didn't work" live>
          Write the words down or print them.
        </Notice>
      )}
      <div class="no-print">
        <Button kind="primary" onPress={props.onNext}>
          I have them
        </Button>
      </div>
    </Card>
  );
}

function Check(props: { words: readonly string[]; onKept: () => void; onBack: () => void }): JSX.Element {
  const [places] = useState(() => threePlaces(props.words.length, randomPart));
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [wrong, setWrong] = useState<ReadonlySet<number>>(new Set());
  return (
    <Card title="Three words, to be sure" id="phrase">
      <p>Look at your notes and type these words of the phrase.</p>
      <Form
        onSubmit={() => {
          const missed = places.filter(place => phraseWords(typed[place] ?? "").join(" ") !== props.words[place]);
          setWrong(new Set(missed));
          if (missed.length === 0) props.onKept();
        }}
      >
        <div class="check-words">
          {places.map((place, index) => (
            <Field
              key={place}
              label={`Word ${place + 1}`}
              value={typed[place] ?? ""}
              maxLength={64}
              autoFocus={index === 0}
              onInput={value => {
                setTyped({ ...typed, [place]: value });
                setWrong(new Set([...wrong].filter(p => p !== place)));
              }}
              error={wrong.has(place) ? `That isn't word ${place + 1}.` : undefined}
            />
          ))}
        </div>
        <div class="row">
          <Button kind="primary" submit>
            Check
          </Button>
          <Button onPress={props.onBack}>Show the words again</Button>
        </div>
      </Form>
    </Card>
  );
}
