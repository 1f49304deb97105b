//! Finding the columns of a roster by their headers, whatever the HR system calls them.

use super::problem::RosterProblem;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    EmployeeId,
    Email,
    Name,
    FirstName,
    LastName,
    ManagerEmail,
    Manager,
    Department,
    Status,
    Start,
    End,
}

/// Headers as people write them, folded to small letters and digits.
#[rustfmt::skip]
const HEADERS: &[(Column, &str, &[&str])] = &[
    (Column::EmployeeId, "the employee id", &["id", "employeeid", "employeenumber", "employeeno", "personnelnumber", "personid", "workerid", "staffid"]),
    (Column::Email, "the e-mail address", &["email", "mail", "emailaddress", "mailaddress", "workemail", "workemailaddress", "businessemail", "companyemail"]),
    (Column::Name, "the name", &["name", "fullname", "displayname", "employeename"]),
    (Column::FirstName, "the first name", &["firstname", "givenname", "forename"]),
    (Column::LastName, "the last name", &["lastname", "surname", "familyname"]),
    (Column::ManagerEmail, "the manager's e-mail address", &["manageremail", "managermail", "manageremailaddress", "supervisoremail"]),
    (Column::Manager, "the manager", &["manager", "supervisor", "reportsto"]),
    (Column::Department, "the department", &["department", "departmentname", "dept"]),
    (Column::Status, "the status", &["status", "employmentstatus", "employeestatus", "workerstatus"]),
    (Column::Start, "the start date", &["start", "startdate", "hiredate", "dateofhire", "employmentstart", "employmentstartdate"]),
    (Column::End, "the end date", &["end", "enddate", "terminationdate", "leavedate", "leavingdate", "lastday", "lastworkingday", "employmentend", "employmentenddate"]),
];

/// Where each thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub count: usize,
    pub email: usize,
    pub status: usize,
    pub employee_id: Option<usize>,
    pub name: Option<usize>,
    pub first_name: Option<usize>,
    pub last_name: Option<usize>,
    pub manager: Option<usize>,
    pub department: Option<usize>,
    pub start: Option<usize>,
    pub end: Option<usize>,
}

impl Columns {
    pub(super) fn find(header: &csv::StringRecord) -> Result<Self, RosterProblem> {
        let find = |column: Column| find(header, column);
        let needed =
            |column: Column| find(column)?.ok_or_else(|| RosterProblem::MissingColumn { what: about(column).0 });
        Ok(Self {
            count: header.len(),
            email: needed(Column::Email)?,
            status: needed(Column::Status)?,
            employee_id: find(Column::EmployeeId)?,
            name: find(Column::Name)?,
            first_name: find(Column::FirstName)?,
            last_name: find(Column::LastName)?,
            // Beside a column with addresses, one named "manager" holds names.
            manager: find(Column::ManagerEmail)?.map_or_else(|| find(Column::Manager), |at| Ok(Some(at)))?,
            department: find(Column::Department)?,
            start: find(Column::Start)?,
            end: find(Column::End)?,
        })
    }
}

fn about(column: Column) -> (&'static str, &'static [&'static str]) {
    let (_, what, headers) =
        HEADERS.iter().find(|(listed, _, _)| *listed == column).expect("every column is in the list");
    (what, headers)
}

/// The one column with such a header. Of two, guessing would be wrong half of the time.
fn find(header: &csv::StringRecord, column: Column) -> Result<Option<usize>, RosterProblem> {
    let (what, known) = about(column);
    let mut matching = header.iter().enumerate().filter(|(_, text)| known.contains(&fold(text).as_str()));
    match (matching.next(), matching.next()) {
        (None, _) => Ok(None),
        (Some((at, _)), None) => Ok(Some(at)),
        (Some((_, first)), Some((_, second))) => {
            Err(RosterProblem::TwoColumns { what, first: first.trim().to_owned(), second: second.trim().to_owned() })
        }
    }
}

/// Small letters and digits only: `E-Mail Address` and `email_address` are the same header.
fn fold(header: &str) -> String {
    header.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &[&str]) -> Result<Columns, RosterProblem> {
        Columns::find(&csv::StringRecord::from(header.to_vec()))
    }

    #[test]
    fn headers_are_known_by_many_names() {
        let usual = columns(&[
            "Employee ID",
            "E-Mail",
            "First Name",
            "Last_Name",
            "Manager E-Mail",
            "Dept.",
            "Employment Status",
            "Hire Date",
            "Termination date",
        ])
        .expect("a header");
        assert_eq!((usual.employee_id, usual.email, usual.status), (Some(0), 1, 6));
        assert_eq!((usual.first_name, usual.last_name, usual.name), (Some(2), Some(3), None));
        assert_eq!((usual.manager, usual.department, usual.start, usual.end), (Some(4), Some(5), Some(7), Some(8)));
        let short = columns(&["STATUS", "mail", "Shoe size"]).expect("a header");
        assert_eq!((short.email, short.status, short.employee_id), (1, 0, None));
    }

    #[test]
    fn a_manager_column_beside_one_with_addresses_holds_names() {
        let both = columns(&["email", "status", "manager", "manager email"]).expect("a header");
        assert_eq!(both.manager, Some(3));
        assert_eq!(columns(&["email", "status", "manager"]).expect("a header").manager, Some(2));
    }

    #[test]
    fn what_is_needed_is_named_and_what_is_doubled_is_not_guessed() {
        assert_eq!(columns(&["email", "name"]), Err(RosterProblem::MissingColumn { what: "the status" }));
        assert_eq!(columns(&["id", "status"]), Err(RosterProblem::MissingColumn { what: "the e-mail address" }));
        let twice = columns(&["email", "status", "End date", "Termination date"]);
        assert!(matches!(twice, Err(RosterProblem::TwoColumns { what: "the end date", .. })), "{twice:?}");
        assert!(columns(&["email", "Mail", "status"]).is_err());
    }
}
