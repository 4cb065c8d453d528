import { Page, type PageContext } from "../frame.tsx";
import { WORKFLOWS } from "../wiring/n8n.ts";
import { GUIDE } from "../guide/mod.ts";

/** `/docs`: where to go for what. */
export function StartPage({ cx }: { readonly cx: PageContext }) {
  const { words, language, groups } = cx;
  return (
    <Page cx={cx} title={words.welcome} sub={words.welcomeSub}>
      <h2>{words.guide}</h2>
      <ul class="cards">
        {GUIDE.map(({ slug, titles, abouts }) => (
          <li>
            <a href={`/docs/guide/${slug}`}>
              <strong>{titles[language]}</strong>
              {abouts[language]}
            </a>
          </li>
        ))}
        <li>
          <a href="/docs/events">
            <strong>{words.events}</strong>
            {language === "id"
              ? "Setiap peristiwa: kapan datang, apa yang dilakukan, kolomnya, dan contoh di tiap format."
              : "Every event: when it comes, what to do, its fields, and examples in every format."}
          </a>
        </li>
      </ul>
      <h2>{words.reference}</h2>
      <ul class="cards">
        {groups.map(({ slug, name, operations }) => (
          <li>
            <a href={`/docs/api/${slug}`}>
              <strong lang="en">{name}</strong>
              {words.operations(operations.length)}
            </a>
          </li>
        ))}
      </ul>
      <h2>{words.machines}</h2>
      <ul>
        {WORKFLOWS.map(({ slug, title }) => (
          <li>
            n8n: <a href={`/docs/n8n/${slug}.json`}>{title[language]}</a>
          </li>
        ))}
        <li>
          Grafana: <a href="/docs/grafana.json">{words.dashboard}</a>, Prometheus:{" "}
          <a href="/docs/alerts.yml">{words.alerts}</a>
        </li>
        <li>
          <a href="/openapi.json">/openapi.json</a>
        </li>
        <li>
          <a href="/docs/try">{words.tryIt}</a>
        </li>
      </ul>
    </Page>
  );
}
