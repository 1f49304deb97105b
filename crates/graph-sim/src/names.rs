//! Names of simulated people: what is shown, and the plain letters used in addresses.

/// (as shown, in plain letters)
type Name = (&'static str, &'static str);

pub static FIRST: [Name; 60] = [
    ("Alice", "alice"), ("Bruno", "bruno"), ("Chloé", "chloe"), ("David", "david"), ("Elif", "elif"), ("Farid", "farid"), ("Grace", "grace"), ("Hiroshi", "hiroshi"),
    ("Ingrid", "ingrid"), ("José", "jose"), ("Katarzyna", "katarzyna"), ("Liam", "liam"), ("Mónica", "monica"), ("Nils", "nils"), ("Olivia", "olivia"), ("Pavel", "pavel"),
    ("Quentin", "quentin"), ("Rosa", "rosa"), ("Søren", "soren"), ("Tamara", "tamara"), ("Uwe", "uwe"), ("Valérie", "valerie"), ("Wei", "wei"), ("Ximena", "ximena"),
    ("Yusuf", "yusuf"), ("Zoë", "zoe"), ("Anders", "anders"), ("Beatriz", "beatriz"), ("Cormac", "cormac"), ("Dana", "dana"), ("Emeka", "emeka"), ("Fatima", "fatima"),
    ("Giulia", "giulia"), ("Håkon", "hakon"), ("Isabel", "isabel"), ("Jürgen", "jurgen"), ("Kwame", "kwame"), ("Lucía", "lucia"), ("Mei", "mei"), ("Noor", "noor"),
    ("Oleksandr", "oleksandr"), ("Priya", "priya"), ("Rachel", "rachel"), ("Stefan", "stefan"), ("Thandiwe", "thandiwe"), ("Ulrike", "ulrike"), ("Viktor", "viktor"), ("Wanda", "wanda"),
    ("Yara", "yara"), ("Zsófia", "zsofia"), ("Arjun", "arjun"), ("Bianca", "bianca"), ("Carlos", "carlos"), ("Deepa", "deepa"), ("Edward", "edward"), ("Freya", "freya"),
    ("Hannah", "hannah"), ("Ivan", "ivan"), ("Łukasz", "lukasz"), ("Marta", "marta"),
];

pub static LAST: [Name; 67] = [
    ("Anderson", "anderson"), ("Bakker", "bakker"), ("Çelik", "celik"), ("Dubois", "dubois"), ("Eriksson", "eriksson"), ("Fernández", "fernandez"), ("García", "garcia"), ("Hoffmann", "hoffmann"),
    ("Ivanova", "ivanova"), ("Jensen", "jensen"), ("Kowalski", "kowalski"), ("Larsen", "larsen"), ("Müller", "muller"), ("Nguyễn", "nguyen"), ("O'Brien", "obrien"), ("Petrov", "petrov"),
    ("Quinn", "quinn"), ("Rossi", "rossi"), ("Schmidt", "schmidt"), ("Takahashi", "takahashi"), ("Ueda", "ueda"), ("van der Berg", "vanderberg"), ("Walsh", "walsh"), ("Xu", "xu"),
    ("Yılmaz", "yilmaz"), ("Zimmermann", "zimmermann"), ("Adeyemi", "adeyemi"), ("Brown", "brown"), ("Costa", "costa"), ("Dąbrowski", "dabrowski"), ("Evans", "evans"), ("Fischer", "fischer"),
    ("Gonçalves", "goncalves"), ("Haddad", "haddad"), ("Iyer", "iyer"), ("Johansson", "johansson"), ("Kim", "kim"), ("Lindqvist", "lindqvist"), ("Mbeki", "mbeki"), ("Novák", "novak"),
    ("Okafor", "okafor"), ("Papadopoulos", "papadopoulos"), ("Rao", "rao"), ("Sánchez", "sanchez"), ("Tanaka", "tanaka"), ("Urban", "urban"), ("Varga", "varga"), ("Weber", "weber"),
    ("Young", "young"), ("Zhang", "zhang"), ("Aalto", "aalto"), ("Bianchi", "bianchi"), ("Clark", "clark"), ("D'Angelo", "dangelo"), ("Ekström", "ekstrom"), ("Ferreira", "ferreira"),
    ("Grünwald", "grunwald"), ("Horváth", "horvath"), ("Jovanović", "jovanovic"), ("Keller", "keller"), ("Lévesque", "levesque"), ("Moreau", "moreau"), ("Nowak", "nowak"), ("Öztürk", "ozturk"),
    ("Patel", "patel"), ("Smith-Jones", "smith-jones"), ("Taylor", "taylor"),
];

pub static DEPARTMENTS: [(&str, &str, &str); 9] = [
    ("Sales", "Account Manager", "CC-100"),
    ("Marketing", "Campaign Specialist", "CC-110"),
    ("Engineering", "Engineer", "CC-200"),
    ("Operations", "Operations Planner", "CC-210"),
    ("Finance", "Controller", "CC-300"),
    ("Human Resources", "HR Partner", "CC-310"),
    ("Legal", "Counsel", "CC-320"),
    ("Customer Support", "Support Agent", "CC-400"),
    ("Research & Development", "Researcher", "CC-410"),
];

pub static COUNTRIES: [(&str, &str, &str); 6] = [
    ("US", "United States", "Seattle"),
    ("DE", "Germany", "München"),
    ("FR", "France", "Lyon"),
    ("GB", "United Kingdom", "Leeds"),
    ("SE", "Sweden", "Göteborg"),
    ("JP", "Japan", "Osaka"),
];

pub static SHARED: [&str; 8] = ["Invoices", "Careers", "Press", "Facilities", "Orders", "Helpdesk", "Info", "Tenders"];
pub static SERVICES: [&str; 6] = ["svc-backup", "svc-scanner", "svc-sync", "svc-monitoring", "svc-print", "svc-build"];
