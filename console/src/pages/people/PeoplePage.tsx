import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { usePeople } from "../../api/hooks/people";
import type { Person } from "../../api/types";
import { DataTable } from "../../components/DataTable";
import { ChoiceFilter, FilterBar, TextFilter } from "../../components/FilterBar";
import { PageHeader, Section } from "../../components/PageHeader";
import { DayAgo } from "../../components/When";
import { formatCount, UNKNOWN } from "../../format";
import { paths } from "../../paths";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";

const KEYS = ["q", "department", "account"] as const;

const useStyles = makeStyles({
  address: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

/** Who has what and uses what. */
export function PeoplePage() {
  const styles = useStyles();
  const filters = useFilters(KEYS);
  const list = usePeople(filters.values);
  const words = text.people;
  return (
    <>
      <PageHeader title={words.title} lead={words.lead} />
      <Section quiet title={words.title}>
        <FilterBar active={filters.active} onClear={filters.clear}>
          <TextFilter label={words.search} value={filters.get("q")} onChange={(q) => filters.set({ q })} />
          <TextFilter
            label={words.department}
            value={filters.get("department")}
            onChange={(department) => filters.set({ department })}
          />
          <ChoiceFilter
            label={words.account}
            value={filters.get("account")}
            onChange={(account) => filters.set({ account })}
            options={[
              { value: "", label: words.accounts.all },
              { value: "enabled", label: words.accounts.enabled },
              { value: "disabled", label: words.accounts.disabled },
            ]}
          />
        </FilterBar>
        <DataTable<Person>
          label={words.title}
          list={list}
          rowKey={(person) => person.user_id}
          rowHref={(person) => paths.person(person.user_id)}
          empty={
            filters.active
              ? { title: text.common.noMatch, hint: text.common.noMatchHint }
              : { title: words.empty, hint: words.emptyHint }
          }
          columns={[
            {
              key: "name",
              label: words.name,
              render: (person) => (
                <>
                  {person.display_name}
                  <span className={styles.address}>{person.user_principal_name}</span>
                </>
              ),
            },
            { key: "department", label: words.department, render: (person) => person.department ?? UNKNOWN },
            {
              key: "account",
              label: words.account,
              render: (person) =>
                person.account_enabled ? (
                  words.accounts.enabled
                ) : (
                  <Badge appearance="tint" color="warning">
                    {words.accounts.disabled}
                  </Badge>
                ),
            },
            { key: "signIn", label: words.lastSignIn, render: (person) => <DayAgo day={person.last_sign_in_day} /> },
            { key: "seats", label: words.seats, align: "end", render: (person) => formatCount(person.seat_count) },
          ]}
        />
      </Section>
    </>
  );
}
