import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { useParams } from "@tanstack/react-router";
import { usePerson } from "../../api/hooks/people";
import type { PersonDetail, Seat } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { AppLink } from "../../components/AppLink";
import { Fact, Facts } from "../../components/Facts";
import { PageHeader, Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { SimpleTable } from "../../components/SimpleTable";
import { StateBadge } from "../../components/StateBadge";
import { Ago, Day, DayAgo } from "../../components/When";
import { formatDay, UNKNOWN } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";
import { Reports } from "./Reports";

const useStyles = makeStyles({
  grid: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 320px), 1fr))",
    gap: tokens.spacingHorizontalL,
    marginBottom: tokens.spacingVerticalL,
    alignItems: "start",
  },
  note: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    margin: `${tokens.spacingVerticalM} 0 0`,
  },
  why: { display: "block", color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** One person: what they hold, through what, and when they used it. */
export function PersonPage() {
  const { userId = "" } = useParams({ strict: false }) as { userId?: string };
  const person = usePerson(userId);
  return <Loaded query={person}>{(data) => <Person person={data} />}</Loaded>;
}

function Person({ person }: { person: PersonDetail }) {
  const styles = useStyles();
  const words = text.people;
  return (
    <>
      <PageHeader
        title={person.display_name}
        lead={person.user_principal_name}
        parent={{ label: words.title, href: paths.people() }}
        badge={
          person.account_enabled ? undefined : (
            <Badge appearance="tint" color="warning">
              {text.common.accountDisabled}
            </Badge>
          )
        }
      />
      <div className={styles.grid}>
        <About person={person} />
        <Use person={person} />
        <SignIns person={person} />
      </div>
      <Reports reports={person.reports} />
      <Section title={words.holds}>
        <Seats seats={person.seats} />
      </Section>
    </>
  );
}

function About({ person }: { person: PersonDetail }) {
  const words = text.people;
  return (
    <Section title={words.facts}>
      <Facts>
        <Fact name={words.mail}>{person.mail ?? UNKNOWN}</Fact>
        <Fact name={words.department}>{person.department ?? UNKNOWN}</Fact>
        <Fact name={words.manager}>
          {person.manager === null ? (
            UNKNOWN
          ) : (
            <AppLink href={paths.person(person.manager.user_id)}>{person.manager.display_name}</AppLink>
          )}
        </Fact>
        <Fact name={words.employment}>{employmentOf(person)}</Fact>
        <Fact name={words.userType}>{words.userTypes[person.user_type]}</Fact>
        {person.declared !== null && <Fact name={words.declared}>{words.declarations[person.declared]}</Fact>}
        <Fact name={words.created}>
          <Day day={person.created_at} />
        </Fact>
        <Fact name={words.location}>{person.usage_location ?? UNKNOWN}</Fact>
      </Facts>
    </Section>
  );
}

/** "Inactive, from 1 April 2019, until 30 June 2026". */
function employmentOf(person: PersonDetail): string {
  const words = text.people;
  const employment = person.employment;
  if (employment === null) {
    return words.noEmployment;
  }
  const parts = [words.employments[employment.status]];
  if (employment.start !== null) {
    parts.push(words.from(formatDay(employment.start)));
  }
  if (employment.end !== null) {
    parts.push(words.until(formatDay(employment.end)));
  }
  return parts.join(", ");
}

function Use({ person }: { person: PersonDetail }) {
  const styles = useStyles();
  const words = text.people;
  const services = Object.entries(person.service_use);
  return (
    <Section title={words.lastUse}>
      {services.length === 0 ? (
        words.noReport
      ) : (
        <Facts>
          {services.map(([service, day]) => (
            <Fact key={service} name={text.common.services[service] ?? service}>
              {day === null ? words.noUse : <DayAgo day={day} />}
            </Fact>
          ))}
        </Facts>
      )}
      {person.service_use_refreshed !== null && (
        <p className={styles.note}>{words.reportMadeOn(formatDay(person.service_use_refreshed))}</p>
      )}
    </Section>
  );
}

function SignIns({ person }: { person: PersonDetail }) {
  const words = text.people;
  const signIn = person.sign_in;
  return (
    <Section title={words.signIns}>
      {signIn === null ? (
        words.signInsEmpty
      ) : (
        <Facts>
          <Fact name={words.successful}>
            <Ago at={signIn.last_successful} />
          </Fact>
          <Fact name={words.interactive}>
            <Ago at={signIn.last_interactive} />
          </Fact>
          <Fact name={words.nonInteractive}>
            <Ago at={signIn.last_non_interactive} />
          </Fact>
          <Fact name={words.readAt}>
            <Ago at={signIn.as_of} />
          </Fact>
        </Facts>
      )}
    </Section>
  );
}

function Seats({ seats }: { seats: Seat[] }) {
  const styles = useStyles();
  const words = text.people;
  return (
    <SimpleTable<Seat>
      label={words.holds}
      rows={seats}
      rowKey={(seat) => seat.seat_id}
      empty={words.holdsEmpty}
      columns={[
        {
          key: "sku",
          label: words.license,
          render: (seat) => <AppLink href={paths.sku(seat.sku.sku_id)}>{seat.sku.name}</AppLink>,
        },
        {
          key: "path",
          label: words.path,
          render: (seat) =>
            seat.paths
              .map((path) =>
                path.via === "direct" ? words.direct : words.group(path.group_name ?? path.group_id ?? ""),
              )
              .join(", "),
        },
        { key: "since", label: words.since, render: (seat) => <Day day={seat.license_since} /> },
        {
          key: "finding",
          label: words.finding,
          render: (seat) =>
            seat.finding === null ? (
              UNKNOWN
            ) : (
              <>
                {words.kinds[seat.finding.kind]}
                <span className={styles.why}>{seat.finding.why}</span>
              </>
            ),
        },
        {
          key: "candidate",
          label: words.candidate,
          render: (seat) =>
            seat.candidate === null ? (
              UNKNOWN
            ) : (
              <AppLink href={paths.candidate(seat.candidate.candidate_id)}>
                <StateBadge state={seat.candidate.state} label={seat.candidate.state_label} />
              </AppLink>
            ),
        },
        {
          key: "cost",
          label: words.cost,
          align: "end",
          render: (seat) => <Amounts amounts={seat.annual_cost} />,
        },
      ]}
    />
  );
}
